{{/* The ClusterRole that the operator binds to itself in each lease's namespace; empty where it binds none. */}}
{{- define "berthage.leaseClusterRole" -}}
{{- if .Values.rbac.create -}}
{{- printf "%s-lease" (include "berthage.fullname" .) -}}
{{- else -}}
{{- .Values.rbac.leaseClusterRole -}}
{{- end -}}
{{- end -}}

{{/* The operator's ServiceAccount as the subject of a binding. */}}
{{- define "berthage.subjects" -}}
- kind: ServiceAccount
  name: {{ include "berthage.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
