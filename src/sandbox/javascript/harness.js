// Made before any foreign text runs: takes what it needs of the language, takes away what would make a
// reducer irreproducible, and gives the host its handles. Foreign text never sees an object of this one.
(function (begin, tell) {
  'use strict';
  const { parse, stringify } = JSON;
  const { create, defineProperty, getOwnPropertyNames, getPrototypeOf, hasOwn, keys, setPrototypeOf } = Object;
  const { isArray } = Array;
  const { isFinite } = Number;
  const { construct, get, has, set, ownKeys } = Reflect;
  const { Promise, Map, Set, Date, Error, TypeError, Proxy, String } = globalThis;
  const plain = Object.prototype;

  // ---- No clock, no randomness, nothing that waits -------------------------------------------------
  const never = (message) => () => { throw new Error(message); };
  const noClock = never('reducers have no clock: an event has its own time, event.time');
  function StillDate(...parts) {
    if (new.target === undefined || parts.length === 0) noClock();
    return construct(Date, parts, new.target);
  }
  const still = { name: 'Date', length: 7, prototype: Date.prototype, now: noClock, parse: Date.parse, UTC: Date.UTC };
  for (const name in still) defineProperty(StillDate, name, { value: still[name] });
  defineProperty(Date.prototype, 'constructor', { value: StillDate });
  defineProperty(globalThis, 'Date', { value: StillDate });
  defineProperty(Math, 'random', { value: never('reducers have no randomness') });
  const known = ('Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError '
    + 'Iterator Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI encodeURIComponent '
    + 'escape unescape Infinity NaN undefined globalThis Number Boolean String Math Reflect Symbol eval Date RegExp '
    + 'JSON Proxy Map Set WeakMap WeakSet ArrayBuffer DataView Uint8ClampedArray Int8Array Uint8Array Int16Array '
    + 'Uint16Array Int32Array Uint32Array BigInt BigInt64Array BigUint64Array Float16Array Float32Array Float64Array '
    + 'Promise').split(' ');
  for (const name of getOwnPropertyNames(globalThis)) {
    if (!known.includes(name)) delete globalThis[name];
  }
  const nothing = () => undefined;
  globalThis.console = { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing };
  const module = { exports: {} };
  const exportsAtFirst = module.exports;
  globalThis.module = module;
  globalThis.exports = module.exports;

  // ---- KurrentDB's projections ---------------------------------------------------------------------
  let handlers;
  const chain = {
    when(given) {
      handlers = given;
      return chain;
    },
  };
  for (const name of ['outputState', 'outputTo', 'transformBy', 'filterBy', 'foreachStream', 'partitionBy',
    '$defines_state_transform']) chain[name] = () => chain;
  for (const name of ['fromStream', 'fromStreams', 'fromAll', 'fromCategory', 'fromCategories', 'fromStreamsMatching']) {
    globalThis[name] = () => chain;
  }
  for (const name of ['options', 'emit', 'linkTo', 'copyTo', 'linkStreamTo', 'log']) globalThis[name] = nothing;

  // ---- A history that is kept as its length --------------------------------------------------------
  let touched = false;
  const gone = (key) => {
    // Only an index is equal to itself as a number.
    if (typeof key !== 'string' || (key >>> 0) + '' !== key) return;
    touched = true;
    throw new Error('earlier events are not at hand: this list is kept as its length; keep what is needed in a member of its own');
  };
  const methods = create(new Proxy(Array.prototype, {
    get(target, key, receiver) {
      gone(key);
      return get(target, key, receiver);
    },
    has(target, key) {
      gone(key);
      return has(target, key);
    },
    set(target, key, value, receiver) {
      gone(key);
      return set(target, key, value, receiver);
    },
  }));
  defineProperty(methods, 'push', {
    value: function push() {
      return this.length += arguments.length;
    },
  });
  function historyOf(length) {
    const list = [];
    list.length = length;
    setPrototypeOf(list, methods);
    return list;
  }

  // ---- The reducer ---------------------------------------------------------------------------------
  let state;
  let fresh;
  let fold;
  let Class;
  let histories = { __proto__: null };
  let hasHistories = false;

  const call = (value) => (typeof value === 'function' ? value() : value);
  const isPlain = (value) => value !== null && typeof value === 'object' && !isArray(value);

  function adoptFunction(apply, init) {
    if (init !== undefined) {
      const seed = stringify(call(init));
      fresh = () => (seed === undefined ? undefined : typeof init === 'function' ? init() : parse(seed));
    } else if (apply.length === 0) {
      // `(state = { balance: 0 }, event) => …`: the default is the first state.
      fresh = () => {
        try {
          const first = apply(undefined, { type: '@@INIT' });
          return isPlain(first) ? first : {};
        } catch {
          return {};
        }
      };
    } else {
      fresh = () => ({});
    }
    fold = apply;
  }

  function adoptClass(given) {
    Class = given;
    fresh = () => new Class();
    fold = (instance, event) => {
      const out = instance.apply(event);
      return out instanceof Class ? out : undefined;
    };
  }

  function adoptProjection() {
    const given = handlers;
    fresh = () => (typeof given.$init === 'function' ? given.$init() : {});
    fold = (before, event) => {
      const handler = hasOwn(given, event.type) ? given[event.type] : given.$any;
      return typeof handler === 'function' ? handler(before, event) : undefined;
    };
  }

  const makesOne = (Made) => {
    try {
      return typeof new Made().apply === 'function';
    } catch {
      return false;
    }
  };
  const isClass = (value) => typeof value === 'function' && isPlain(value.prototype)
    && typeof value.prototype.apply === 'function';

  // What the text has made, name by name; classes and what may be types of events beside them. Lists of
  // names are objects without a prototype: foreign text may have changed what arrays and loops do.
  const found = { __proto__: null };
  const classes = { __proto__: null };
  const types = { __proto__: null, '\u0000': true };
  const offer = (name, value) => { found[name] = value; };
  const offerClass = (name, value) => { classes[name] = value; };
  const offerType = (name) => { types[name] = true; };

  function member(name) {
    if (found[name] !== undefined) return found[name];
    return isPlain(found.exported) && hasOwn(found.exported, name) ? found.exported[name] : undefined;
  }

  function lastClass(fits) {
    let last;
    for (const name in classes) if (fits(classes[name])) last = classes[name];
    return last;
  }

  // Decides which form the text has. The first state.
  function adopt() {
    if (found.exported === undefined && (module.exports !== exportsAtFirst || keys(exportsAtFirst).length > 0)) {
      found.exported = module.exports;
    }
    const { exported } = found;
    if (isPlain(exported)) for (const name in exported) classes[name] = exported[name];
    const init = member('init') ?? member('initialState') ?? member('initial');
    let apply = member('apply') ?? member('evolve') ?? member('reducer') ?? member('reduce');
    if (typeof exported === 'function' && !isClass(exported)) apply = exported;
    if (handlers !== undefined) {
      if (!isPlain(handlers)) throw new TypeError('when() needs an object of handlers');
      adoptProjection();
      for (const name in handlers) types[name] = true;
    } else if (isClass(exported)) {
      adoptClass(exported);
    } else if (typeof apply === 'function' && !isClass(apply)) {
      adoptFunction(apply, init);
    } else {
      const Last = lastClass(isClass) ?? lastClass((value) => typeof value === 'function' && makesOne(value));
      if (Last === undefined) {
        throw new Error('no reducer here: it takes function apply(state, event), a class with apply(event), or fromStream(…).when({…})');
      }
      adoptClass(Last);
    }
    findHistories();
    reset();
    return text();
  }

  // Lists to which every event adds itself. Found by trying made-up events of each type, so that it
  // does not depend on which events come first.
  function findHistories() {
    const lists = { __proto__: null };
    const first = fresh();
    if (!isPlain(first)) return;
    for (const name in first) if (hasOwn(first, name) && isArray(first[name])) lists[name] = first[name].length;
    if (keys(lists).length === 0) return;
    let tried = 0;
    for (const type in types) {
      state = fresh();
      const before = { __proto__: null };
      for (const name in lists) before[name] = state[name];
      const event = { type };
      try {
        step(event);
      } catch {
        continue;
      }
      tried += 1;
      for (const name in lists) {
        const list = state[name];
        if (list !== before[name] || list.length !== lists[name] + 1 || list[lists[name]] !== event) delete lists[name];
      }
    }
    if (tried === 0) return;
    histories = lists;
    for (const type in types) {
      state = fresh();
      for (const name in histories) state[name] = historyOf(3);
      try {
        step({ type });
      } catch {
        // What it says does not matter, only whether it looked back.
      }
    }
    if (touched) histories = { __proto__: null };
    touched = false;
  }

  function step(event) {
    const out = fold(state, event);
    if (out !== undefined) state = out;
  }

  function reset() {
    state = fresh();
    if (!isPlain(state)) return;
    for (const name in histories) {
      hasHistories = true;
      state[name] = historyOf(state[name].length);
    }
  }

  // The state as JSON.
  function text() {
    let shown = state === undefined ? null : state;
    if (shown !== null && typeof shown === 'object') {
      if (shown instanceof Promise) throw new TypeError('apply is asynchronous; a reducer cannot wait');
      if (hasHistories) {
        shown = { ...shown };
        for (const name in histories) {
          if (hasOwn(shown, name) && isArray(shown[name])) shown[name] = { $events: shown[name].length };
        }
      } else if (Class !== undefined && typeof shown.toJSON === 'function') {
        shown = { ...shown };
      }
    }
    const json = stringify(shown);
    if (json === undefined) throw new TypeError('the state is ' + typeof shown + ', not data');
    return json;
  }

  function restore(json) {
    const data = parse(json);
    if (isPlain(data)) {
      for (const name in histories) {
        if (hasOwn(data, name) && isPlain(data[name]) && hasOwn(data[name], '$events')) {
          data[name] = historyOf(data[name].$events);
        }
      }
    }
    if (Class === undefined || !isPlain(data)) {
      state = data;
      return;
    }
    const instance = new Class();
    for (const name in instance) {
      if (hasOwn(instance, name) && !hasOwn(data, name) && typeof instance[name] !== 'function') delete instance[name];
    }
    const names = keys(data);
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i];
      const value = { __proto__: null, value: data[name], writable: true, enumerable: true, configurable: true };
      defineProperty(instance, name, value);
    }
    state = instance;
  }

  // Folds events[from..to]. `look`: 0 only fold, 1 tell each state, 2 make each state's text for its errors.
  function run(events, from, to, look) {
    for (let at = from; at < to; at += 1) {
      begin(at);
      const out = fold(state, events[at]);
      if (out !== undefined) state = out;
      if (look !== 0) {
        const json = text();
        if (look === 1 && tell(at, json)) throw new Error('the state is too large');
      }
    }
  }

  // What of the state JSON cannot hold, as lines "path: what".
  function inspect() {
    let lines = '';
    let left = 10000;
    const say = (path, what) => { if (lines.length < 2000) lines += path + ': ' + what + '\n'; };
    const look = (value, path, top) => {
      left -= 1;
      if (left <= 0) return;
      if (typeof value === 'number' && !isFinite(value)) say(path, value + ' is kept as null');
      else if (typeof value === 'function' && !top) say(path, 'a function is not kept');
      if (value === null || typeof value !== 'object') return;
      const base = getPrototypeOf(value);
      if (isArray(value)) {
        if (base === methods) return;
        for (let i = 0; i < value.length && left > 0; i += 1) look(value[i], path + '[' + i + ']', false);
        return;
      }
      const own = top && Class !== undefined;
      if (value instanceof Date) say(path, 'a Date is kept as text');
      else if (value instanceof Map) say(path, 'a Map is kept as {}; use an object or an array');
      else if (value instanceof Set) say(path, 'a Set is kept as {}; use an object or an array');
      else if (!own && base !== plain && base !== null) say(path, 'an instance is kept as its plain members');
      for (const name in value) {
        if (!hasOwn(value, name) || (own && typeof value[name] === 'function')) continue;
        look(value[name], path === '' ? name : path + '.' + name, false);
      }
    };
    look(state, '', true);
    return lines;
  }

  const kept = () => stringify(keys(histories));
  return { offer, offerClass, offerType, adopt, kept, restore, run, text, inspect };
});
