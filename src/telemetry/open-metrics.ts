/**
 * The Prometheus text format 0.0.4 rewritten as OpenMetrics 1.0: families of counters lose `_total`, help texts escape
 * quotes, NaN is spelled so, no empty lines, an end mark. prom-client's own OpenMetrics registry renames the metrics it renders and so
 * spoils them for the other format.
 */
export function toOpenMetrics(text: string): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map((match) => match[1]));
  const family = (name: string): string => (counters.has(name) ? name.replace(/_total$/, "") : name);
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [mark, word, name = "", ...rest] = line.split(" ");
      if (mark !== "#" || (word !== "HELP" && word !== "TYPE")) return line.replace(/ Nan$/, " NaN");
      const tail = rest.join(" ");
      return `# ${word} ${family(name)} ${word === "HELP" ? tail.replaceAll('"', '\\"') : tail}`;
    });
  return `${lines.join("\n")}\n# EOF\n`;
}
