{{/* The ClusterRole that the operator binds to itself in each lease's namespace. */}}
{{- define "berthage.leaseClusterRole" -}}
{{- printf "%s-lease" (include "berthage.fullname" .) -}}
{{- end -}}

{{/* The operator's ServiceAccount as the subject of a binding. */}}
{{- define "berthage.subjects" -}}
- kind: ServiceAccount
  name: {{ include "berthage.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
