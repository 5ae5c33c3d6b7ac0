import { expect, test } from "vitest";
import { metricsIn, selectorsIn } from "./promql.ts";

test.each([
  ["up", ["up"]],
  ['absent(up{job="a"} == 1)', ['up{job="a"}']],
  ["sum by (name, le) (rate(x_bucket[10m])) / on (name) group_left (b) y", ["x_bucket", "y"]],
  ['a{b=~"x|}y",c!="\\"{"} > 5 and max(a) or vector(0)', ['a{b=~"x|}y",c!="\\"{"}', "a"]],
  ['label_replace(a, "to", "$1", "from", "(.*)") offset 5m', ["a"]],
  ["7 * max by (network) (increase(fees_total[1d])) unless bool 1e9", ["fees_total"]],
  ["histogram_quantile(0.99, sum(rate(a_bucket[5m])) by (le))", ["a_bucket"]],
])("%s reads %j", (expr, selectors) => expect(selectorsIn(expr)).toEqual(selectors));

test("a histogram's series are one metric", () => {
  expect(metricsIn('rate(a_sum{b="c"}[5m]) / rate(a_count[5m]) + a_bucket')).toEqual(["a"]);
});
