// run.mjs ENGINE [OPTION VALUE]… LIST…: runs the requests through @ghostery/adblocker
// or @gorhill/ubo-core. Options and output are those of the Go runners, see ../bench.
import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [name, ...args] = process.argv.slice(2);
const option = { passes: '3' };
const paths = [];
for (let i = 0; i < args.length; i++) {
  if (args[i].startsWith('-')) option[args[i].replace(/^-+/, '')] = args[++i];
  else paths.push(args[i]);
}

const ms = start => Number(process.hrtime.bigint() - start) / 1e6;
const text = () => paths.map(p => readFileSync(p, 'utf8'));
const version = pkg =>
  JSON.parse(readFileSync(new URL(`node_modules/${pkg}/package.json`, import.meta.url))).version;

// repair gives uBlock's core its public suffix list. The package stores it as JSON, where
// a Uint32Array becomes an object that its loader refuses without a word; without the list
// every other host of the same site counts as a third party.
async function repair() {
  const root = new URL('node_modules/@gorhill/ubo-core/', import.meta.url);
  const { default: psl } = await import(new URL('lib/publicsuffixlist/publicsuffixlist.js', root));
  const selfie = JSON.parse(readFileSync(new URL('build/publicsuffixlist.json', root)));
  selfie.buf32 = Uint32Array.from(Object.values(selfie.buf32));
  if (!psl.fromSelfie(selfie) || psl.getDomain('www.example.co.uk') !== 'example.co.uk') {
    throw new Error('the public suffix list does not load');
  }
}

// Each engine knows how to load the lists, match, explain, and go through its cache.
const engines = {
  async ghostery() {
    const { FiltersEngine, Request } = await import('@ghostery/adblocker');
    const type = { document: 'main_frame', subdocument: 'sub_frame' };
    const parse = r => Request.fromRawDetails({ url: r.url, sourceUrl: r.source, type: type[r.type] ?? r.type });
    let engine;
    return {
      version: version('@ghostery/adblocker'),
      load(debug) {
        engine = FiltersEngine.parse(text().join('\n'), { loadCosmeticFilters: false, debug });
      },
      match: r => engine.match(parse(r)).match,
      explain(r) {
        const { filter, exception } = engine.match(parse(r));
        const f = exception ?? filter;
        return { filter: f ? (f.rawLine ?? f.toString()) : '', exception: exception !== undefined };
      },
      save: path => writeFileSync(path, engine.serialize()),
      restore(path) {
        engine = FiltersEngine.deserialize(readFileSync(path));
      },
    };
  },
  async ubo() {
    const { StaticNetFilteringEngine, enableWASM } = await import('@gorhill/ubo-core');
    if (option.wasm === 'yes') await enableWASM();
    const engine = await StaticNetFilteringEngine.create();
    if (option.psl !== 'shipped') await repair();
    const type = { document: 'main_frame', subdocument: 'sub_frame' };
    const match = r => engine.matchRequest({ originURL: r.source, url: r.url, type: type[r.type] ?? r.type });
    return {
      version: version('@gorhill/ubo-core'),
      load: () => engine.useLists(text().map((raw, i) => ({ name: paths[i], raw }))),
      match: r => match(r) === 1,
      explain(r) {
        const v = match(r);
        return { filter: v ? engine.toLogData().raw : '', exception: v === 2 };
      },
      save: async path => writeFileSync(path, await engine.serialize()),
      restore: path => engine.deserialize(readFileSync(path, 'utf8')),
    };
  },
};

const engine = await engines[name]();
const requests = readFileSync(option.requests, 'utf8').trimEnd().split('\n').map(l => JSON.parse(l));
let start = process.hrtime.bigint();
await engine.load(Boolean(option.explain));
const load_ms = ms(start);

if (option.explain) {
  for (const i of JSON.parse(readFileSync(option.explain, 'utf8'))) {
    console.log(JSON.stringify({ i, ...engine.explain(requests[i]) }));
  }
  process.exit();
}

function verdict(r) {
  try {
    return engine.match(r) ? '1' : '0';
  } catch {
    return 'e';
  }
}

function pass() {
  const start = process.hrtime.bigint();
  for (const r of requests) verdict(r);
  return (ms(start) * 1e6) / requests.length;
}

const verdicts = requests.map(verdict).join('');
writeFileSync(option.verdicts, verdicts + '\n');
let mean_ns = Infinity;
for (let p = 0; p < Number(option.passes); p++) mean_ns = Math.min(mean_ns, pass());
const times = new Float64Array(requests.length);
requests.forEach((r, i) => {
  const start = performance.now();
  verdict(r);
  times[i] = (performance.now() - start) * 1e6;
});
times.sort();

const cache = join(tmpdir(), `filters-${name}-${process.pid}`);
await engine.save(cache);
let cache_ms = Infinity;
for (let p = 0; p < Number(option.passes); p++) {
  start = process.hrtime.bigint();
  await engine.restore(cache);
  cache_ms = Math.min(cache_ms, ms(start));
}
if (requests.map(verdict).join('') !== verdicts) console.error(`${name}: verdicts differ after loading the cache`);
const cache_bytes = statSync(cache).size;
unlinkSync(cache);

console.log(JSON.stringify({
  engine: name, version: engine.version, load_ms, cache_ms, cache_bytes, mean_ns,
  p50_ns: times[times.length >> 1], p99_ns: times[Math.floor((times.length * 99) / 100)],
}));
