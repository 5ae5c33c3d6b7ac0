{{/* Ports of chain endpoints and remote signers: those given, and those in the URLs of `networks`. A YAML list without doubles, in order. */}}
{{- define "berthage.rpcPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.egress.rpc.ports -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- range .Values.networks -}}
{{- $urls := list (dig "signer" "remote" "url" "" .) -}}
{{- range dig "market" "endpoints" list . -}}{{- $urls = append $urls .url -}}{{- end -}}
{{- range compact $urls -}}{{- $ports = append $ports (include "berthage.portOf" . | int) -}}{{- end -}}
{{- end -}}
{{- toYaml (uniq $ports) -}}
{{- end -}}

{{/* Port of an http or https URL. */}}
{{- define "berthage.portOf" -}}
{{- $parts := urlParse . -}}
{{- $given := regexFind ":[0-9]+$" $parts.host | trimPrefix ":" -}}
{{- $given | default (eq $parts.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/*
Annotations of networks and offers. As plain objects of the release they could not be installed with it: helm maps every
kind before it creates anything, and theirs is created by the release itself. So they are hooks, which helm maps when
their turn comes, and applies server-side: a repeated hook is an update. `never` is no event on which helm deletes a
hook; without it, helm would delete and re-create what is sold at every upgrade.
*/}}
{{- define "berthage.hookAnnotations" -}}
helm.sh/hook: post-install,post-upgrade,post-rollback
helm.sh/hook-delete-policy: never
{{- end -}}
