{{/*
What values.schema.json cannot say, or could only say as a regular expression. Each message names the value, says what
is wrong, and what to write. All problems come at once.
*/}}
{{- define "berthage.validate" -}}
{{- $problems := concat
  (include "berthage.problems.replicas" . | fromYamlArray)
  (include "berthage.problems.identity" . | fromYamlArray)
  (include "berthage.problems.gateway" . | fromYamlArray)
  (include "berthage.problems.cidrs" . | fromYamlArray)
  (include "berthage.problems.memory" . | fromYamlArray)
  (include "berthage.problems.environment" . | fromYamlArray)
  (include "berthage.problems.monitoring" . | fromYamlArray)
  (include "berthage.problems.networks" . | fromYamlArray)
  (include "berthage.problems.offers" . | fromYamlArray)
-}}
{{- if $problems -}}
{{- fail (printf "\n\nThe values of this release need a change:\n  - %s\n" (join "\n  - " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "berthage.problems.replicas" -}}
{{- $replicas := int .Values.replicas -}}
{{- with .Values.leaderElection -}}
{{- if and (gt $replicas 1) (not .enabled) }}
- {{ printf "leaderElection.enabled is false with replicas %d: two leaders would both send transactions; set it to true, or replicas to 1" $replicas | quote }}
{{- end }}
{{- if le (int .leaseDurationSeconds) (int .renewDeadlineSeconds) }}
- {{ printf "leaderElection.leaseDurationSeconds (%d) must be greater than leaderElection.renewDeadlineSeconds (%d)" (int .leaseDurationSeconds) (int .renewDeadlineSeconds) | quote }}
{{- end }}
{{- if le (int .renewDeadlineSeconds) (int .retryPeriodSeconds) }}
- {{ printf "leaderElection.renewDeadlineSeconds (%d) must be greater than leaderElection.retryPeriodSeconds (%d)" (int .renewDeadlineSeconds) (int .retryPeriodSeconds) | quote }}
{{- end }}
{{- end }}
{{- with .Values.podDisruptionBudget -}}
{{- if and .enabled (gt $replicas 1) (not (kindIs "string" .minAvailable)) (ge (int .minAvailable) $replicas) }}
- {{ printf "podDisruptionBudget.minAvailable (%d) must be less than replicas (%d), or no node with an operator's pod can be drained" (int .minAvailable) $replicas | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.identity" -}}
{{- with .Values.serviceAccount }}
{{- if and (not .create) (not .name) }}
- "serviceAccount.name must be given when serviceAccount.create is false: name the ServiceAccount that exists"
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.gateway" -}}
{{- with .Values.gateway -}}
{{- if and .ingress.enabled (not .ingress.host) }}
- "gateway.ingress.host must be given when gateway.ingress.enabled is true: write the host name that tenants use, such as gateway.example.com"
{{- end }}
{{- if and .service.nodePort (eq .service.type "ClusterIP") }}
- "gateway.service.nodePort needs gateway.service.type NodePort or LoadBalancer; it is ClusterIP"
{{- end }}
{{- if and .service.loadBalancerSourceRanges (ne .service.type "LoadBalancer") }}
- {{ printf "gateway.service.loadBalancerSourceRanges needs gateway.service.type LoadBalancer; it is %s" .service.type | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.cidrs" -}}
{{- $lists := dict
  "operator.clusterCidrs" .Values.operator.clusterCidrs
  "gateway.trustedProxies" .Values.gateway.trustedProxies
  "gateway.service.loadBalancerSourceRanges" .Values.gateway.service.loadBalancerSourceRanges
-}}
{{- $pattern := include "berthage.cidrPattern" . -}}
{{- range $path, $cidrs := $lists -}}
{{- range $index, $cidr := $cidrs -}}
{{- if not (regexMatch $pattern $cidr) }}
- {{ printf "%s[%d] %q is no CIDR; write an address and a prefix length, such as 10.244.0.0/16 or fd00:10::/48" $path $index $cidr | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* IPv4 and IPv6 networks. H stands for a group of hexadecimal digits, B for a byte. */}}
{{- define "berthage.cidrPattern" -}}
{{- $six := "(H:){7}H|(H:){1,7}:|(H:){1,6}:H|(H:){1,5}(:H){1,2}|(H:){1,4}(:H){1,3}|(H:){1,3}(:H){1,4}|(H:){1,2}(:H){1,5}|H:(:H){1,6}|:(:H){1,7}|::" -}}
{{- $four := "(B\\.){3}B" | replace "B" "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- printf "^((%s)/(12[0-8]|1[01][0-9]|[1-9]?[0-9])|%s/(3[0-2]|[12]?[0-9]))$" ($six | replace "H" "[0-9a-fA-F]{1,4}") $four -}}
{{- end -}}

{{- define "berthage.problems.memory" -}}
{{- with dig "limits" "memory" "" .Values.resources -}}
{{- $bytes := include "berthage.bytes" . -}}
{{- if not $bytes }}
- {{ printf "resources.limits.memory %q is no quantity of bytes; write for example 512Mi or 1Gi" (toString .) | quote }}
{{- else if lt (float64 $bytes) 134217728.0 }}
- {{ printf "resources.limits.memory %q is too little for the operator to start; give at least 128Mi (512Mi serves thousands of leases)" (toString .) | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.environment" -}}
{{- range $index, $entry := .Values.operator.extraEnv -}}
{{- if eq $entry.name "NODE_OPTIONS" }}
- {{ printf "operator.extraEnv[%d] sets NODE_OPTIONS, which the chart sets from resources.limits.memory; set the limit" $index | quote }}
{{- end }}
{{- if hasPrefix "BERTHAGE_" $entry.name }}
- {{ printf "operator.extraEnv[%d] sets %s, a setting of the operator; use the value of the chart for it" $index $entry.name | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.monitoring" -}}
{{- with .Values.monitoring -}}
{{- if and .podMonitor.enabled .serviceMonitor.enabled }}
- "monitoring.podMonitor.enabled and monitoring.serviceMonitor.enabled are both true: every sample would be there twice; enable one"
{{- end }}
{{- end }}
{{- end -}}
