import { useEffect, useState } from 'preact/hooks';
import type { Evaluation } from '../../src/evaluate/evaluate.js';
import { FilesButton } from '../app/files-button.js';
import { nameOf } from '../app/picked-files.js';
import { hireBench } from '../app/remote.js';
import { Trouble } from '../app/trouble.js';
import type { OpenedModel, Optimized, PickedFile, Scaling } from '../protocol.js';

interface Props {
  readonly model: OpenedModel;
  readonly result: Optimized;
}

const SCALINGS: readonly (readonly [Scaling, string])[] = [
  ['auto', 'Scaled automatically'],
  ['0..1', 'Pixels as 0 to 1'],
  ['-1..1', 'Pixels as −1 to 1'],
  ['0..255', 'Pixels as 0 to 255'],
];

/** How often both models are right, on labelled data of the user's. */
export function Accuracy({ model, result }: Props) {
  const [files, setFiles] = useState<readonly PickedFile[]>([]);
  const [scaling, setScaling] = useState<Scaling>('auto');
  const { evaluation, progress, trouble } = useAccuracy(model.float, result.file, files, scaling);
  return (
    <section class="accuracy" aria-labelledby="accuracy-title">
      <div class="section-head">
        <h2 id="accuracy-title">Accuracy</h2>
        <p>How often both models are right, on labelled data of yours. It stays on this device, too.</p>
      </div>
      <div class="row">
        <FilesButton text="Choose labelled data" testId="labelled" take={setFiles} />
        <FilesButton text="Choose a folder of classes" testId="labelled-folder" take={setFiles} isFolder />
        <select
          aria-label="What the model takes"
          value={scaling}
          onChange={({ currentTarget }) => setScaling(currentTarget.value as Scaling)}
        >
          {SCALINGS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
        {progress !== undefined && (
          <button type="button" class="quiet" onClick={() => setFiles([])}>
            Stop
          </button>
        )}
      </div>
      <div aria-live="polite">
        {files.length === 0 && (
          <p class="hint">
            A folder with a folder of images for each class; x.npy with y.npy; a .npz with x and y; a .csv with a column
            label; or a description in JSON together with its files.
          </p>
        )}
        {trouble !== undefined && <Trouble text={trouble} />}
        {progress !== undefined && (
          <p class="hint">
            {nameOf(files)}: {progress}
          </p>
        )}
        {evaluation && <Figures evaluation={evaluation} />}
      </div>
    </section>
  );
}

interface Found {
  readonly evaluation?: Evaluation;
  readonly progress?: string;
  readonly trouble?: string;
}

/** The accuracy on the files; anew for every version of the model. */
function useAccuracy(float: Blob, quantized: Blob, files: readonly PickedFile[], scaling: Scaling): Found {
  const [found, setFound] = useState<Found>({});
  useEffect(() => {
    setFound({});
    if (files.length === 0) return;
    const bench = hireBench();
    setFound({ progress: 'loading both models' });
    bench
      .ask(
        (face, tell) => face.accuracy({ float, quantized, files, scaling }, tell),
        ({ done, total }) => setFound({ progress: `${done} of ${total} samples` }),
      )
      .then(
        (evaluation) => setFound({ evaluation }),
        (error: Error) => setFound({ trouble: error.message }),
      )
      .finally(() => bench.dismiss());
    return () => bench.dismiss();
  }, [float, quantized, files, scaling]);
  return found;
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

function Figures({ evaluation: { models, samples } }: { readonly evaluation: Evaluation }) {
  const figures = models[0]?.figures ?? [];
  return (
    <>
      <table class="accuracy-table">
        <thead>
          <tr>
            <th scope="col">Model</th>
            {figures.map(({ metric }) => (
              <th key={metric} scope="col">
                {metric === 'top-1' ? 'Right' : `Right in ${metric.replace('-', ' ')}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <tr key={model.name}>
              <th scope="row">{model.name}</th>
              {model.figures.map(({ metric, value, low = value, high = value }) => (
                <td key={metric}>
                  <strong>{percent(value, 2)}</strong>{' '}
                  <span class="hint">
                    {percent(low)} to {percent(high)}
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        {pairText(models[1]?.pair ?? null, samples)} The intervals hold the true value in 95 of 100 cases.
      </p>
    </>
  );
}

function pairText(pair: Evaluation['models'][number]['pair'], samples: number): string {
  if (!pair) return `${samples} samples.`;
  const { onlyFirst, onlyThis, p } = pair;
  if (onlyFirst + onlyThis === 0) return `Of ${samples} samples both are right on the same ones.`;
  return `Of ${samples} samples the quantized model loses ${onlyFirst} and gains ${onlyThis} (p = ${p.toFixed(3)}).`;
}
