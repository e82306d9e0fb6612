import type { Comparison } from '../evaluate/compare/types.js';
import type { Decision } from '../quantize/report.js';
import type { GraphData } from './graph-data.js';
import type { Distribution, Ratio } from './statistics.js';

/** A figure of the model's task, such as top-1 accuracy. */
export interface AccuracyFigure {
  /** `top-1`, `mIoU`, … */
  readonly metric: string;
  /** In the metric's unit: shares are 0..1. */
  readonly value: number;
  /** 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** One form of a model: as it came, or by one technique. */
export interface VariantData {
  /** `float`, `float16`, `dynamic`, or a file's name. */
  readonly name: string;
  readonly bytes: number;
  /** Of one inference here, ms; measured in turns with the other forms. */
  readonly latencyMs: Distribution | null;
  /** Against the first form; null for the first one. */
  readonly ratio: Ratio | null;
  readonly accuracy: AccuracyFigure | null;
  /** Element type -> bytes of constants. */
  readonly weightBytes: Readonly<Record<string, number>>;
  /** Kernel of LiteRT -> how many nodes. */
  readonly litert: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** What was done with each constant; empty where this run did not quantize. */
  readonly decisions: readonly Decision[];
  /** Against the first form; null for the first one. */
  readonly comparison: Comparison | null;
}

/** One model of a report, in all its forms. */
export interface SubjectData {
  readonly name: string;
  /** Name of the format it was read from. */
  readonly format: string;
  /** The first one is what the others are compared with. */
  readonly variants: readonly VariantData[];
  /** The graph of the last form. */
  readonly graph: GraphData;
}

/** Everything that a report shows: what `report --json` prints. The schema is docs/report.schema.json. */
export interface ReportData {
  readonly schema: 'tersor-report-1';
  readonly title: string;
  readonly environment: {
    readonly tersor: string;
    readonly runtime: string;
    readonly platform: string;
    readonly processor: string;
    readonly threads: number;
    readonly runs: number;
  };
  /** Command lines that reproduce it. */
  readonly commands: readonly string[];
  readonly subjects: readonly SubjectData[];
}
