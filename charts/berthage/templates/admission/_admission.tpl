{{/* Name of the operator's account, as requests carry it. */}}
{{- define "berthage.username" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "berthage.serviceAccountName" . }}
{{- end -}}

{{/* Who asks: variables that the policies share. */}}
{{- define "berthage.requester" -}}
- name: isOperator
  expression: request.userInfo.username == {{ include "berthage.username" . | quote }}
- name: isAllowed # by the release's values
  expression: >-
    request.userInfo.username in {{ .Values.admissionPolicies.allowedUsers | toJson }} ||
    request.userInfo.groups.exists(group, group in {{ .Values.admissionPolicies.allowedGroups | toJson }})
- name: isControlPlane # controllers, scheduler and kubelets, for what they derive and clean up
  expression: >-
    request.userInfo.username in ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver"] ||
    request.userInfo.username.startsWith("system:serviceaccount:kube-system:") ||
    "system:nodes" in request.userInfo.groups
{{- end -}}

{{/* Namespaces of leases. */}}
{{- define "berthage.leaseSelector" -}}
matchExpressions:
  - key: berthage.dev/lease
    operator: Exists
{{- end -}}

{{/* The binding that puts a policy of the same name into force. Arguments: the root context and the policy's name. */}}
{{- define "berthage.policyBinding" -}}
{{- $name := printf "%s-%s" (include "berthage.fullname" .root) .name -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "berthage.labels" .root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: [Deny]
{{- end -}}
