{{/* One alert of files/alerts as this release wants it. Takes a dict of `root` and `rule`; gives YAML, or nothing when it is switched off. */}}
{{- define "berthage.alert" -}}
{{- $settings := .root.Values.monitoring.rules -}}
{{- $override := get $settings.overrides .rule.alert | default dict -}}
{{- if ne (get $override "enabled" | toString) "false" -}}
{{- $job := printf "job=%q,namespace=%q" (include "berthage.name" .root) .root.Release.Namespace -}}
{{- $labels := mergeOverwrite (deepCopy .rule.labels) $settings.alertLabels ($override.labels | default dict) -}}
{{- with $override.severity -}}
{{- $_ := set $labels "severity" . -}}
{{- end -}}
{{- $annotations := deepCopy .rule.annotations -}}
{{- with $settings.runbookBaseUrl -}}
{{- $_ := set $annotations "runbook_url" (printf "%s/%s.md" (trimSuffix "/" .) $.rule.alert) -}}
{{- end -}}
{{- dict
  "alert" .rule.alert
  "expr" (.rule.expr | replace "job=\"berthage\"" $job)
  "for" ($override.for | default .rule.for)
  "labels" $labels
  "annotations" $annotations
| toYaml -}}
{{- end -}}
{{- end -}}

{{/* Refuses overrides of alerts that there are not: a typing error would leave the alert as it is, unnoticed. Takes a dict of `root` and `known`. */}}
{{- define "berthage.knownAlerts" -}}
{{- range $name := keys .root.Values.monitoring.rules.overrides | sortAlpha -}}
{{- if not (has $name $.known) -}}
{{- fail (printf "monitoring.rules.overrides.%s: there is no such alert; there are %s" $name (join ", " $.known)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
