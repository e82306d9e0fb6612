import type { Choice, Technique } from '../protocol.js';

const TECHNIQUES: readonly { readonly name: Technique; readonly title: string; readonly text: string }[] = [
  { name: 'dynamic', title: 'Dynamic range', text: '8-bit weights, computed with as integers where kernels can. Smallest, and mostly fastest.' },
  { name: 'weight-only', title: 'Weight-only', text: '8 bits in the file, floats when it runs. As small, a little more exact.' },
  { name: 'float16', title: 'Float16', text: 'Half the size, hardly any error.' },
  { name: 'none', title: 'Float32', text: 'Converted, not quantized.' },
]; // biome-ignore format: a table

interface Props {
  readonly choice: Choice;
  readonly choose: (choice: Choice) => void;
}

/** The techniques, one of which is taken. */
export function TechniquePicker({ choice, choose }: Props) {
  return (
    <fieldset class="techniques">
      <legend>Technique</legend>
      <div class="technique-list">
        {TECHNIQUES.map(({ name, title, text }) => (
          <label key={name} class={`technique ${choice.technique === name ? 'is-chosen' : ''}`}>
            <input
              type="radio"
              name="technique"
              value={name}
              checked={choice.technique === name}
              onChange={() => choose({ technique: name, storage: choice.storage })}
            />
            <span class="technique-title">{title}</span>
            <span class="technique-text">{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
