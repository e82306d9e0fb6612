import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { PickedFile } from '../protocol.js';
import { Announcer } from './announcer.js';
import { Front } from './front.js';
import { Masthead } from './masthead.js';
import { nameOf } from './picked-files.js';
import { Result } from './result.js';
import { useDrop } from './use-drop.js';
import { useHistory } from './use-history.js';
import { useSession } from './use-session.js';

/** The whole page: a front to give a model to, and what becomes of it. */
export function App() {
  const [state, actions] = useSession();
  const main = useRef<HTMLElement>(null);
  const take = useCallback((files: readonly PickedFile[]) => actions.open(files, nameOf(files)), [actions]);
  const isOver = useDrop(take, actions.complain);
  const { stage } = state;
  useHistory(stage, actions.close);
  // A reader of the screen goes on where the new content begins.
  useEffect(() => {
    if (stage === 'ready') main.current?.querySelector<HTMLElement>('h1')?.focus();
    window.scrollTo(0, 0);
  }, [stage]);
  return (
    <div class={`page ${isOver ? 'is-over' : ''}`}>
      <Masthead state={state} actions={actions} />
      <main ref={main}>
        {stage === 'ready' ? (
          <Result state={state} actions={actions} />
        ) : (
          <Front state={state} actions={actions} take={take} />
        )}
      </main>
      <footer class="footer">
        <p>
          Tersor {__VERSION__}. Everything runs in this tab, on this device: models, images and sound never leave it,
          and the page works without a network once it has loaded.
        </p>
      </footer>
      <Announcer state={state} />
    </div>
  );
}
