import { reportClient } from 'virtual:report-client';
import { parseHTML } from 'linkedom';
import { bytesSource } from '../../src/bytes/source.js';
import { compareModels } from '../../src/evaluate/compare/compare.js';
import { readTflite } from '../../src/formats/tflite/index.js';
import { runnable } from '../../src/load.js';
import { graphData } from '../../src/report/graph-data.js';
import { inspect } from '../../src/report/inspect.js';
import { reportKernels } from '../../src/report/kernels.js';
import type { ReportData, VariantData } from '../../src/report/report-data.js';
import { shellQuoted } from '../../src/report/shell-quoted.js';
import { distribution, pairedRatio } from '../../src/report/statistics.js';
import { pagePalette } from '../../src/view/plot-svg.js';
import { reportPage } from '../../src/view/report-page.js';
import type { ReportRequest } from '../protocol.js';

/** Elements of each output that a report keeps: an image of 256 by 256. */
const KEPT_ELEMENTS = 65_536;

/** A report of a model before and after, as `tersor report` makes it, in one HTML file. */
export async function makeReport(
  request: ReportRequest,
  onProgress: (done: number, total: number) => void,
): Promise<Blob> {
  const drawing = { document: parseHTML('<html><body></body></html>').document, palette: pagePalette };
  const page = await reportPage(drawing, await dataOf(request, onProgress), reportClient);
  return new Blob([page], { type: 'text/html' });
}

async function dataOf(request: ReportRequest, onProgress: (done: number, total: number) => void): Promise<ReportData> {
  const { name, format, technique, latency, decisions, version } = request;
  const [before, after] = (await Promise.all(
    [request.float, request.quantized].map(async (file) => new Uint8Array(await file.arrayBuffer())),
  )) as [Uint8Array, Uint8Array];
  const label = technique === 'none' ? 'float, rewritten' : technique;
  const comparison = await compareModels(
    { name: `${name}, float`, bytes: before },
    { name: `${name}, ${label}`, bytes: after },
    runnable,
    { samples: 2, sampleElements: KEPT_ELEMENTS, onProgress },
  );
  const variant = (bytes: Uint8Array, times: readonly number[] | undefined): Omit<VariantData, 'name'> => {
    const model = readTflite(bytesSource(bytes));
    const { litert, warnings } = reportKernels(model);
    const { weightBytes } = inspect(model);
    const latencyMs = times ? distribution(times) : null;
    return { bytes: bytes.byteLength, latencyMs, ratio: null, accuracy: null, weightBytes, litert, warnings, decisions: [], comparison: null }; // biome-ignore format: a row
  };
  const times = latency?.times;
  const variants: VariantData[] = [
    { ...variant(before, times?.float), name: 'float' },
    {
      ...variant(after, times?.quantized),
      name: label,
      ratio: times ? pairedRatio(times.quantized, times.float) : null,
      decisions,
      comparison,
    },
  ];
  return {
    schema: 'tersor-report-1',
    title: `What quantization does to ${name}`,
    environment: {
      tersor: version,
      runtime: `Tersor in ${navigator.userAgent}`,
      platform: navigator.platform,
      processor: `${navigator.hardwareConcurrency} cores`,
      threads: 1,
      runs: latency?.runs ?? 0,
    },
    commands: commandsOf(request),
    subjects: [{ name, format, variants, graph: graphData(readTflite(bytesSource(after))) }],
  };
}

/** What gives the same file on a command line. */
function commandsOf({ name, technique, decisions }: ReportRequest): string[] {
  const kept = decisions.filter(({ code, recipeEntry }) => code === 'excluded' && recipeEntry !== 'defaults');
  const exclude = [...new Set(kept.map(({ value }) => value))].map((value) => ` --exclude ${shellQuoted(value)}`);
  return [`tersor convert ${shellQuoted(name)} -o model.tflite --quantize ${technique}${exclude.join('')}`];
}
