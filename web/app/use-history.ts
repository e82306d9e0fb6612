import { useEffect, useRef } from 'preact/hooks';
import type { State } from './state.js';

/** State of the history's entry that shows a model. */
const MODEL = 'model';

/** Lets the browser's way back lead from a model to the front of the page, instead of away from it. */
export function useHistory(stage: State['stage'], close: () => void): void {
  /** The way back was taken by the page itself. */
  const isOwn = useRef(false);
  useEffect(() => {
    if (stage === 'ready' && history.state !== MODEL) history.pushState(MODEL, '');
    if (stage === 'empty' && history.state === MODEL) {
      isOwn.current = true;
      history.back();
    }
  }, [stage]);
  useEffect(() => {
    const moved = () => {
      if (!isOwn.current && history.state !== MODEL) close();
      isOwn.current = false;
    };
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, [close]);
}
