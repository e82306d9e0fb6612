import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Runs one command line (without `node` and the script) and gives the exit code. */
type Main = (argv: readonly string[]) => Promise<number>;

interface Bundle {
  readonly commands: { readonly tersor: Main; readonly tflite_convert: Main };
  /** The code of all functions that ran so far, compiled: what belongs in the cache file. */
  readonly compiled: () => Uint8Array;
}

const BUNDLE = new URL('../bin/commands.cjs', import.meta.url);
/** Where `npm run build` puts {@link Bundle.compiled} after a conversion. */
const CACHE = new URL('../bin/commands.cache', import.meta.url);

/**
 * How much a function runs before V8 optimizes it: three times as much as usual. What a command runs a few thousand times
 * is over before its optimized code is there, and compiling that takes a quarter of the time of all processor cores.
 */
const INTERRUPT_BUDGET = 200_000;
/** V8 has no such flag from this version on. */
const WITHOUT_BUDGET = 12;

/**
 * Loads the bundled commands. A conversion of a small model runs most of its code once, and takes longer to compile it
 * than to run it; so the bundle comes with its compiled code. V8 checks that the cache is its own (version, flags) and of
 * this bundle. If it is not, or is not there, the code is compiled as usual: the same results, later.
 */
export function loadBundle(): Bundle {
  // Before the cache is read, which notes the flags.
  if (Number.parseInt(process.versions.v8, 10) < WITHOUT_BUDGET)
    setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  const filename = fileURLToPath(BUNDLE);
  const cachedData = readIfThere(CACHE);
  const script = new Script(readFileSync(BUNDLE, 'latin1'), { filename, ...(cachedData && { cachedData }) });
  const module = { exports: {} as Bundle['commands'] };
  script.runInThisContext()(
    module,
    createRequire(BUNDLE),
    BUNDLE.href,
    (name: string) => import(name.startsWith('./') ? new URL(name, BUNDLE).href : name),
  );
  return { commands: module.exports, compiled: () => script.createCachedData() };
}

function readIfThere(file: URL): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
