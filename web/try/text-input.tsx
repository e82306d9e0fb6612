import { useState } from 'preact/hooks';
import type { Given } from '../protocol.js';

/** A line of text for inputs that take texts. */
export function TextInput({ give }: { readonly give: (given: Given) => void }) {
  const [text, setText] = useState('');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        give({ kind: 'text', text });
      }}
    >
      <label class="field">
        <span>Text</span>
        <input type="text" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit" class="primary">
        Run
      </button>
    </form>
  );
}
