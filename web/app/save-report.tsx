import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReportRequest, Working } from '../protocol.js';
import type { Bench } from '../worker/bench-worker.js';
import { stemOf } from './download.js';
import { type Hired, hireBench } from './remote.js';
import type { State } from './state.js';
import { Trouble } from './trouble.js';

/** A button that makes a report of all this as one HTML file, to keep and to pass on. */
export function SaveReport({ state }: { readonly state: State }) {
  const { model, result, latency } = state;
  const [progress, setProgress] = useState<string>();
  const [trouble, setTrouble] = useState<string>();
  const bench = useRef<Hired<Bench> | undefined>(undefined);
  useEffect(() => () => bench.current?.dismiss(), []);
  if (!model || !result || result.unmeasured) return null;
  const make = async () => {
    const request: ReportRequest = {
      name: model.name,
      format: model.format,
      technique: result.choice.technique,
      float: model.float,
      quantized: result.file,
      decisions: result.decisions,
      latency: latency.state === 'done' ? latency.value : undefined,
      version: __VERSION__,
    };
    setTrouble(undefined);
    setProgress('Making the report…');
    const hired = hireBench();
    bench.current = hired;
    try {
      const show = ({ done, total }: Working) => setProgress(`Comparing layers, ${done} of ${total}…`);
      save(await hired.ask((face, tell) => face.report(request, tell), show), `${stemOf(model.name)}.report.html`);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    } finally {
      hired.dismiss();
      setProgress(undefined);
    }
  };
  return (
    <div class="row save-report">
      <button type="button" class="quiet" disabled={progress !== undefined} onClick={() => void make()}>
        {progress ?? 'Save a report'}
      </button>
      <p class="hint">Charts, every layer and the graph in one HTML file.</p>
      {trouble !== undefined && <Trouble text={trouble} />}
    </div>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it from here; some begin late.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
