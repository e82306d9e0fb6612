import { useEffect, useRef, useState } from 'preact/hooks';
import type { Choice, OpenedModel, Optimized, PickedFile, Working } from '../protocol.js';
import type { Bench } from '../worker/bench-worker.js';
import type { Session } from '../worker/session-worker.js';
import { type Hired, hireBench, hireSession } from './remote.js';
import { emptyState, type State, standardChoice } from './state.js';

/** Time without a further change after which measuring begins, in ms. */
const PAUSE = 350;

/** What the page can do with a model. */
export interface Actions {
  readonly open: (files: readonly PickedFile[], name: string) => void;
  readonly choose: (choice: Choice) => void;
  /** Forgets the model and ends all work on it. */
  readonly close: () => void;
  /** Shows what went wrong before a model was there. */
  readonly complain: (trouble: string) => void;
}

/** The model that is open, in two threads: one that converts, and one that measures and is replaced at every change. */
export function useSession(): readonly [State, Actions] {
  const [state, setState] = useState<State>(emptyState);
  const work = useRef(new Workshop(setState));
  useEffect(() => () => work.current.close(), []);
  return [state, work.current];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Owns the threads; lives as long as the page. */
class Workshop implements Actions {
  readonly #set: (change: (state: State) => State) => void;
  #session: Hired<Session> | undefined;
  #bench: Hired<Bench> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #model: OpenedModel | undefined;
  /** The choice to be carried out when the thread is free. */
  #next: Choice | undefined;
  #isBusy = false;

  constructor(set: (change: (state: State) => State) => void) {
    this.#set = set;
  }

  #show(change: Partial<State>): void {
    this.#set((state) => ({ ...state, ...change }));
  }

  readonly open = (files: readonly PickedFile[], name: string): void => {
    this.close();
    this.#show({ stage: 'opening', opening: name });
    const session = hireSession();
    this.#session = session;
    void this.#openWith(session, files);
  };

  async #openWith(session: Hired<Session>, files: readonly PickedFile[]): Promise<void> {
    const show = (working: Working) => this.#session === session && this.#show({ working });
    try {
      const model = await session.ask((face, tell) => face.open(files, tell), show);
      const result = await session.ask((face, tell) => face.optimize(standardChoice, tell), show);
      if (this.#session !== session) return;
      this.#model = model;
      this.#show({ stage: 'ready', model, choice: standardChoice, working: undefined });
      this.#finished(result);
    } catch (error) {
      if (this.#session !== session) return;
      this.close();
      this.complain(messageOf(error));
    }
  }

  readonly choose = (choice: Choice): void => {
    this.#next = choice;
    this.#show({ choice, isBusy: true, trouble: undefined });
    if (!this.#isBusy) void this.#carryOut();
  };

  async #carryOut(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#isBusy = true;
    this.#stopMeasuring();
    const show = (working: Working) => this.#session === session && this.#show({ working });
    while (this.#next && this.#session === session) {
      const choice = this.#next;
      this.#next = undefined;
      try {
        const result = await session.ask((face, tell) => face.optimize(choice, tell), show);
        if (this.#session === session && !this.#next) this.#finished(result);
      } catch (error) {
        if (this.#session === session) this.complain(messageOf(error));
      }
    }
    if (this.#session !== session) return;
    this.#isBusy = false;
    this.#show({ isBusy: false, working: undefined });
  }

  #finished(result: Optimized): void {
    this.#show({ result, latency: { state: 'waiting' }, layers: { state: 'waiting' } });
    this.#stopMeasuring();
    if (this.#model && !result.unmeasured)
      this.#timer = setTimeout(() => void this.#measure(this.#model as OpenedModel, result), PAUSE);
  }

  #stopMeasuring(): void {
    clearTimeout(this.#timer);
    this.#bench?.dismiss();
    this.#bench = undefined;
  }

  async #measure({ float }: OpenedModel, { file }: Optimized): Promise<void> {
    const bench = hireBench();
    this.#bench = bench;
    for (const what of ['latency', 'layers'] as const) {
      const show = (change: State[typeof what]) => this.#bench === bench && this.#show({ [what]: change });
      const tellState = (working?: Working) => show({ state: 'running', working });
      tellState();
      try {
        const value = await bench.ask<unknown>((face, tell) => face[what](float, file, tell), tellState);
        show({ state: 'done', value } as State[typeof what]);
      } catch (error) {
        show({ state: 'failed', message: messageOf(error) });
      }
    }
  }

  readonly complain = (trouble: string): void => {
    this.#show({ trouble });
  };

  readonly close = (): void => {
    this.#stopMeasuring();
    this.#session?.dismiss();
    this.#session = undefined;
    this.#model = undefined;
    this.#next = undefined;
    this.#isBusy = false;
    this.#set(() => emptyState);
  };
}
