{{/*
Rules of networks and offers that their definitions have in CEL and a schema cannot say. The API server would answer them
as well, but only when the rest of the release is installed.
*/}}
{{- define "berthage.problems.networks" -}}
{{- range $name, $network := .Values.networks }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$" $name) }}
- {{ printf "networks.%s: name it with at most 40 lowercase letters, digits and hyphens; lease namespaces are named after it" $name | quote }}
{{- end }}
{{- $signers := list -}}
{{- range list "keystore" "rawKey" "remote" -}}{{- if hasKey $network.signer . -}}{{- $signers = append $signers . -}}{{- end -}}{{- end -}}
{{- if ne (len $signers) 1 }}
- {{ printf "networks.%s.signer has %s; set exactly one of keystore, rawKey (development only) and remote" $name (join " and " $signers | default "none") | quote }}
{{- end }}
{{- if not $network.market }}
- {{ printf "networks.%s.market must be given with driver Market: chain id, address and endpoints" $name | quote }}
{{- end }}
{{- range $index, $endpoint := dig "market" "endpoints" list $network }}
{{- include "berthage.problems.url" (list (printf "networks.%s.market.endpoints[%d].url" $name $index) $endpoint.url) }}
{{- end }}
{{- with dig "signer" "remote" "url" "" $network }}
{{- include "berthage.problems.url" (list (printf "networks.%s.signer.remote.url" $name) .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.url" -}}
{{- $path := first . -}}
{{- $url := last . -}}
{{- if not (regexMatch "^https?://[^/?#]+" $url) }}
- {{ printf "%s %q is no http or https URL; write for example https://rpc.example" $path $url | quote }}
{{- else if regexMatch "^https?://[^/?#]*@" $url }}
- {{ printf "%s holds a user or password; remove them, values and resources are readable by many" $path | quote }}
{{- end }}
{{- end -}}

{{- define "berthage.problems.offers" -}}
{{- range $name, $offer := .Values.offers }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" $name) }}
- {{ printf "offers.%s: name it with at most 63 lowercase letters, digits and hyphens; it becomes a label" $name | quote }}
{{- end }}
{{- range list "cpu" "memory" "ephemeralStorage" }}
{{- $quantity := get $offer.unit . | toString }}
{{- if not (regexMatch "^[0-9]+(\\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?$" $quantity) }}
- {{ printf "offers.%s.unit.%s %q is no quantity; write for example %s" $name . $quantity (eq . "cpu" | ternary "8 or 500m" "64Gi") | quote }}
{{- end }}
{{- end }}
{{- with $offer.unit.accelerator }}
{{- if hasSuffix ".shared" .resource }}
- {{ printf "offers.%s.unit.accelerator.resource %q is a shared GPU, which is not sold; use the exclusive resource" $name .resource | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
