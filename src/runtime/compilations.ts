import type { Shape } from '../ir/tensor.js';
import type { Executable } from './executable.js';

/** The compilations of one graph, by the shapes of its inputs. The oldest goes when there are too many. */
export class Compilations {
  readonly #kept: number;
  readonly #compile: (shapes: readonly Shape[]) => Executable;
  readonly #byShapes = new Map<string, Executable>();

  constructor(kept: number, compile: (shapes: readonly Shape[]) => Executable) {
    this.#kept = kept;
    this.#compile = compile;
  }

  /** The graph compiled for inputs of these shapes, now if it is not yet. */
  of(shapes: readonly Shape[]): Executable {
    const key = shapes.map((s) => s.join()).join(';');
    const known = this.#byShapes.get(key);
    if (known) return known;
    const made = this.#compile(shapes);
    const [oldest] = this.#byShapes;
    if (oldest && this.#byShapes.size >= this.#kept) {
      oldest[1].dispose();
      this.#byShapes.delete(oldest[0]);
    }
    this.#byShapes.set(key, made);
    return made;
  }

  get memoryBytes(): number {
    return [...this.#byShapes.values()].reduce((sum, e) => sum + e.memoryBytes, 0);
  }

  reset(): void {
    for (const executable of this.#byShapes.values()) executable.reset();
  }

  dispose(): void {
    for (const executable of this.#byShapes.values()) executable.dispose();
    this.#byShapes.clear();
  }
}
