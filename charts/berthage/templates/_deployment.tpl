{{/* The operator's command line: one flag a line. Every value that is a setting of the process is here and nowhere else. */}}
{{- define "berthage.args" -}}
- --namespace={{ .Release.Namespace }}
- --operations-listen=:9090
- --gateway-listen=:8443
{{- if .Values.gateway.tls.secretName }}
- --gateway-tls-cert=/etc/berthage/tls/tls.crt
- --gateway-tls-key=/etc/berthage/tls/tls.key
{{- end }}
{{- with .Values.gateway.trustedProxies }}
- --gateway-trusted-proxies={{ join "," . }}
{{- end }}
- --leader-election={{ .Values.leaderElection.enabled }}
- --leader-election-lease-duration-seconds={{ int .Values.leaderElection.leaseDurationSeconds }}
- --leader-election-renew-deadline-seconds={{ int .Values.leaderElection.renewDeadlineSeconds }}
- --leader-election-retry-period-seconds={{ int .Values.leaderElection.retryPeriodSeconds }}
- --concurrency={{ int .Values.operator.concurrency }}
{{- with .Values.operator.clusterCidrs }}
- --cluster-cidrs={{ join "," . }}
{{- end }}
{{- with .Values.operator.ingressNamespace }}
- --ingress-namespace={{ . }}
{{- end }}
- --log-level={{ .Values.operator.logLevel }}
{{- with .Values.rbac.create | ternary (include "berthage.leaseClusterRole" .) .Values.rbac.leaseClusterRole }}
- --lease-cluster-role={{ . }}
- --service-account={{ include "berthage.serviceAccountName" $ }}
{{- end }}
{{- end -}}

{{/* Bytes of a quantity as Kubernetes writes it (512Mi, 1.5Gi, 500M, 536870912), in decimal; empty when it is none. */}}
{{- define "berthage.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $text := kindIs "string" . | ternary . (printf "%d" (int64 .)) -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+)?([kMGT]|[KMGT]i)?$" $text -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- mulf (trimSuffix $unit $text | float64) (get $units $unit) | printf "%.0f" -}}
{{- end -}}
{{- end -}}

{{/* Node's flag for a heap of 75 % of the memory limit, in MiB; empty without a limit. The rest is for buffers, code and threads. */}}
{{- define "berthage.heapOption" -}}
{{- with dig "limits" "memory" "" .Values.resources -}}
--max-old-space-size={{ divf (include "berthage.bytes" . | float64) 1048576 | mulf 0.75 | floor | int64 }}
{{- end -}}
{{- end -}}
