import { useEffect, useState } from 'preact/hooks';
import type { PickedFile } from '../protocol.js';
import { droppedFiles } from './picked-files.js';

/** Elements that take files themselves. */
const OWN = '[data-takes-files]';

/** Lets the whole page take what is dropped on it. Returns whether something is held over it. */
export function useDrop(take: (files: readonly PickedFile[]) => void, complain: (trouble: string) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const isForOther = (event: DragEvent) => event.target instanceof Element && event.target.closest(OWN) !== null;
    const enter = (event: DragEvent) => {
      event.preventDefault();
      depth++;
      setOver(!isForOther(event));
    };
    const leave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (isForOther(event) || !event.dataTransfer) return;
      droppedFiles(event.dataTransfer).then(
        (files) => (files.length > 0 ? take(files) : complain('No file was dropped.')),
        (error: unknown) => complain(error instanceof Error ? error.message : String(error)),
      );
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        window.removeEventListener(name, listener as EventListener);
    };
  }, [take, complain]);
  return isOver;
}
