import { offText, shapeText } from '../app/format.js';
import type { TriedOutput } from '../protocol.js';
import { imageSizes } from './input-kind.js';
import { OutputImage } from './output-image.js';
import { Scores } from './scores.js';

interface Props {
  readonly outputs: readonly TriedOutput[];
  readonly labels: readonly string[];
}

/** Elements that are listed of an output that is neither scores nor a picture. */
const LISTED = 12;

/** What both models said, side by side. */
export function Outputs({ outputs, labels }: Props) {
  return (
    <>
      {outputs.map((output) => (
        <div key={output.name} class="output">
          <p class="output-head">
            <span class="name">{output.name}</span>
            <span class="output-db">{output.sqnrDb === null ? 'equal' : offText(output.sqnrDb)}</span>
          </p>
          <OutputBody output={output} labels={labels} />
        </div>
      ))}
    </>
  );
}

function OutputBody({ output, labels }: { readonly output: TriedOutput; readonly labels: readonly string[] }) {
  const { shape, float } = output;
  const sizes = imageSizes(shape);
  if (sizes && Math.min(sizes.width, sizes.height) >= 8) return <OutputImage output={output} />;
  const rows = shape.slice(0, -1).reduce((n, d) => n * d, 1);
  if (rows === 1 && float.length >= 2) return <Scores output={output} labels={labels} />;
  return <Numbers output={output} />;
}

function Numbers({ output: { float, quantized, shape } }: { readonly output: TriedOutput }) {
  return (
    <table class="output-numbers">
      <caption>
        {float.length > LISTED ? `The first ${LISTED} of ${shapeText(shape)} numbers` : shapeText(shape)}
      </caption>
      <thead>
        <tr>
          <th scope="col">float32</th>
          <th scope="col">quantized</th>
        </tr>
      </thead>
      <tbody>
        {[...float.subarray(0, LISTED)].map((value, i) => (
          <tr key={i}>
            <td>{value.toPrecision(5)}</td>
            <td>{quantized[i]?.toPrecision(5)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
