import * as prometheus from "prom-client";

/** One metric as data: Prometheus name (base unit and `_total` in it), what it means, and its labels, each a closed set. */
export interface CounterDefinition<L extends string = string> {
  readonly type: "counter";
  readonly name: `${string}_total`;
  readonly help: string;
  readonly labels: readonly L[];
}
export interface GaugeDefinition<L extends string = string> {
  readonly type: "gauge";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}
export interface HistogramDefinition<L extends string = string> {
  readonly type: "histogram";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Upper bounds, in the metric's unit. */
  readonly buckets: readonly number[];
}
export type Definition = CounterDefinition | GaugeDefinition | HistogramDefinition;

export function counter<L extends string = never>(
  name: `${string}_total`,
  help: string,
  labels: readonly L[] = [],
): CounterDefinition<L> {
  return { type: "counter", name, help, labels };
}

export function gauge<L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): GaugeDefinition<L> {
  return { type: "gauge", name, help, labels };
}

export function histogram<L extends string = never>(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: readonly L[] = [],
): HistogramDefinition<L> {
  return { type: "histogram", name, help, buckets, labels };
}

type Labels<L extends string> = Readonly<Record<L, string>>;

export interface Counter<L extends string> {
  add(labels: Labels<L>, amount?: number): void;
}
export interface Gauge<L extends string> {
  set(labels: Labels<L>, value: number): void;
  /** Forgets all series, before a full set is written. */
  clear(): void;
}
export interface Histogram<L extends string> {
  observe(labels: Labels<L>, value: number): void;
}

/**
 * Creates metrics in one registry. The only place, with metrics.ts, that knows prom-client, so that it can be swapped.
 * A value that is not finite, or a negative amount, is dropped: a measurement must never break what it measures.
 */
export class Instruments {
  readonly #registry: prometheus.Registry;

  constructor(registry: prometheus.Registry) {
    this.#registry = registry;
  }

  counter<L extends string>(definition: CounterDefinition<L>): Counter<L> {
    const metric = new prometheus.Counter(this.#configuration(definition));
    return {
      add(labels, amount = 1) {
        if (Number.isFinite(amount) && amount >= 0) metric.inc({ ...labels }, amount);
      },
    };
  }

  gauge<L extends string>(definition: GaugeDefinition<L>): Gauge<L> {
    const metric = new prometheus.Gauge(this.#configuration(definition));
    return {
      set(labels, value) {
        if (Number.isFinite(value)) metric.set({ ...labels }, value);
      },
      clear: () => metric.reset(),
    };
  }

  histogram<L extends string>(definition: HistogramDefinition<L>): Histogram<L> {
    const metric = new prometheus.Histogram({
      ...this.#configuration(definition),
      buckets: [...definition.buckets],
    });
    return {
      observe(labels, value) {
        if (Number.isFinite(value)) metric.observe({ ...labels }, value);
      },
    };
  }

  /** A gauge whose series are read when Prometheus asks. */
  sampled<L extends string>(definition: GaugeDefinition<L>, sample: (gauge: Gauge<L>) => void): void {
    const metric: prometheus.Gauge<L> = new prometheus.Gauge({
      ...this.#configuration(definition),
      collect() {
        metric.reset();
        sample({
          set: (labels, value) => {
            if (Number.isFinite(value)) metric.set({ ...labels }, value);
          },
          clear: () => metric.reset(),
        });
      },
    });
  }

  #configuration<L extends string>(definition: {
    readonly name: string;
    readonly help: string;
    readonly labels: readonly L[];
  }): { name: string; help: string; labelNames: L[]; registers: prometheus.Registry[] } {
    const { name, help, labels } = definition;
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }
}
