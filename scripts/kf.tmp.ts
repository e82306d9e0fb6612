import { readFileSync, writeSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { mutations } from '../test/fuzz/mutate.js';
import { bytesSource } from '../src/bytes/source.js';
import { prepare, readModel } from '../src/formats/index.js';
const cases = JSON.parse(gunzipSync(readFileSync('test/fixtures/keras/cases.json.gz')).toString()) as any[];
const bytesOf = (n: string) => Uint8Array.from(Buffer.from(cases.find((c) => c.name === n).file, 'base64'));
await prepare(bytesSource(bytesOf('conv 2d')));
function ex(b: Uint8Array, tag: string) { writeSync(1, tag); const t = performance.now(); let r='ok';
  try { for (const g of readModel(watch(bytesSource(b,'d'))).graphs) for (const n of g.nodes()) for (const v of n.inputs) v?.constant?.data(); } catch (e: any) { r = e.name+' '+String(e.message).slice(0,90); if (e.name!=='ModelError') r='BUG '+e.stack.split('\n').slice(0,4).join(' | '); }
  writeSync(1, ` ${(performance.now()-t).toFixed(0)}ms ${r}\n`); }
if (process.argv[2]==='config') {
  const files = unzipSync(bytesOf('batch norm and conv')); const text = new TextDecoder().decode(files['config.json']);
  for (const wrong of ['-1', '1e9', 'null', '"x"', '[]', '{}', '[1,2,3,4,5]', '0.5', 'true'])
    for (const m of text.matchAll(/(?<=": )(?:-?[\d.]+|"\w+"|\[[^[\]{}]*\]|true|false|null)/g))
      ex(zipSync({ ...files, 'config.json': strToU8(text.slice(0,m.index)+wrong+text.slice(m.index!+m[0].length)) }, { level: 0 }), `${wrong} @${text.slice(Math.max(0,m.index!-25), m.index!+6)}`);
} else for (const [n,s] of [['keras2 nested',2],['batch norm and conv',3],['LSTM both ways',4]] as const) { let i=0; for (const c of mutations(bytesOf(n), 50, s)) ex(c, `${n} ${i++}`); }

function watch(s: any) { let n=0, total=0; return {...s, name:s.name, size:s.size, read(o:number,l:number){ n++; total+=l; if ((n&(n-1))===0 && n>1000) writeSync(1,`[reads ${n} ${total} last ${o},${l}]`); return s.read(o,l);} }; }
