// A host made of the official TypeScript SDK, for tests: it connects to a server over stdio, runs a script of steps
// and prints what came of each as one line of JSON.
//
//   node host.mjs --packages DIR [--client v1|v2-legacy|v2-modern|v2-auto|v2-auto-in-place] SCRIPT.json -- COMMAND ARG…
//
// v1 is @modelcontextprotocol/sdk. v2 is @modelcontextprotocol/client: v2-modern speaks 2026-07-28 and nothing else,
// v2-auto asks first with server/discover, on a process of its own that it then throws away (so COMMAND is started
// twice), v2-auto-in-place asks on the connection itself.
//
// Lines on stdout: {"connected":…}, {"step":n,"ok":true,"result":…}, {"step":n,"ok":false,"error":…},
// {"notification":method,"params":…} and {"request":method,"params":…} as they arrive, {"closed":{"code":…,"signal":…}}.
// Exit status: 0 after every step was run and the connection was closed by this host, however the steps ended;
// 1 when there was no connection or it died; 2 when the script or the command line is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

// Some of the SDK's debugging goes to stdout, which belongs to the result lines.
console.log = console.info = console.debug = console.error;

const clients = ['v1', 'v2-legacy', 'v2-modern', 'v2-auto', 'v2-auto-in-place'];
const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } };
const defaultLimit = 10_000;

const print = line => process.stdout.write(JSON.stringify(line) + '\n');
const finish = code => process.stdout.write('', () => process.exit(code));

class ScriptError extends Error {}

function parseCommandLine(args) {
    const options = { client: 'v1' };
    while (args[0]?.startsWith('--') && args[0] !== '--') {
        options[args.shift().slice(2)] = args.shift();
    }
    const [script, dashes, command, ...rest] = args;
    if (!options.packages || !clients.includes(options.client) || dashes !== '--' || !command) {
        throw new ScriptError(`usage: host.mjs --packages DIR [--client ${clients.join('|')}] SCRIPT.json -- COMMAND ARG…`);
    }
    const steps = JSON.parse(readFileSync(script, 'utf8'));
    if (!Array.isArray(steps)) throw new ScriptError(`${script}: a script is an array of steps`);
    return { ...options, steps, command, rest };
}

// Mailbox keeps the messages that came from the server until an "await" step takes them.
class Mailbox {
    #messages = [];
    #waiting = [];

    put(message) {
        const taker = this.#waiting.findIndex(w => w.wants(message));
        if (taker < 0) this.#messages.push(message);
        else this.#waiting.splice(taker, 1)[0].resolve(message);
    }

    take(wants, limit) {
        const found = this.#messages.findIndex(wants);
        if (found >= 0) return this.#messages.splice(found, 1)[0];
        return new Promise((resolve, reject) => {
            const entry = { wants, resolve };
            this.#waiting.push(entry);
            setTimeout(() => {
                this.#waiting = this.#waiting.filter(w => w !== entry);
                reject(new Error(`nothing came within ${limit} ms`));
            }, limit).unref();
        });
    }

    clear(wants) {
        this.#messages = this.#messages.filter(m => !wants(m));
    }
}

const mailbox = new Mailbox();

// observe prints every request and notification of the server before the SDK sees it.
function observe(message) {
    if (typeof message.method !== 'string') return;
    print({ [message.id === undefined ? 'notification' : 'request']: message.method, params: message.params });
    mailbox.put(message);
}

// includes says whether every member of part is in whole with the same value.
const includes = (whole, part) =>
    part !== null && typeof part === 'object'
        ? whole !== null && typeof whole === 'object' && Object.keys(part).every(key => includes(whole[key], part[key]))
        : whole === part;

// What this host answers to requests of the server; an "answer" step replaces an entry.
const answers = {
    'sampling/createMessage': params => ({
        role: 'assistant',
        model: 'test-model',
        stopReason: 'endTurn',
        content: { type: 'text', text: `sampled: ${[params.messages.at(-1).content].flat()[0].text}` },
    }),
    'elicitation/create': params =>
        params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: fillIn(params.requestedSchema) },
    'roots/list': () => ({ roots: [{ uri: 'file:///roots/one', name: 'one' }] }),
};

const samples = { email: 'ada@example.com', uri: 'https://example.com/', date: '2026-07-28', 'date-time': '2026-07-28T12:00:00Z' };

function fillIn(schema) {
    const properties = Object.entries(schema.properties ?? {});
    return Object.fromEntries(properties.map(([name, property]) => [name, fillInOne(property)]));
}

function fillInOne(property) {
    if (property.default !== undefined) return property.default;
    if (property.enum) return property.enum[0];
    const choices = property.oneOf ?? property.anyOf;
    if (choices) return choices[0].const;
    switch (property.type) {
        case 'array': return [fillInOne(property.items)];
        case 'boolean': return true;
        case 'integer':
        case 'number': return property.minimum ?? 1;
        default: return samples[property.format] ?? 'text';
    }
}

function answer(method, params) {
    const given = answers[method];
    if (typeof given === 'function') return given(params);
    if (given.error) throw Object.assign(new Error(given.error.message), given.error);
    return given;
}

// One act for each kind of step, named after the member that tells the kind.
const acts = {
    list: listAll,
    call: call,
    read: (host, { read: uri, ...rest }) => host.client.readResource({ uri }, requestOptions(rest)),
    subscribe: (host, { subscribe: uri }) => host.client.subscribeResource({ uri }),
    unsubscribe: (host, { unsubscribe: uri }) => host.client.unsubscribeResource({ uri }),
    get: (host, { get: name, arguments: args }) => host.client.getPrompt({ name, arguments: args }),
    complete: (host, { complete }) => host.client.complete(complete),
    level: (host, { level }) => host.client.setLoggingLevel(level),
    ping: host => host.client.ping(),
    listen: listen,
    unlisten: async host => { await host.subscription.close(); return {}; },
    send: (host, { send: method, params, ...rest }) => host.request({ method, params }, requestOptions(rest)),
    notify: async (host, { notify: method, params }) => { await host.client.notification({ method, params }); return {}; },
    answer: (host, { answer: method, with: given }) => { answers[method] = given; return {}; },
    await: awaitMessage,
    parallel: (host, { parallel }) => Promise.all(parallel.map(step => outcome(host, step))),
};

function actOf(step) {
    const kind = Object.keys(acts).find(name => Object.hasOwn(step ?? {}, name));
    if (!kind) throw new ScriptError(`no such step: ${JSON.stringify(step)}`);
    if (kind === 'parallel') step.parallel.forEach(actOf);
    return acts[kind];
}

function requestOptions({ progress, cancelAfterProgress, timeoutMs, cacheMode }) {
    const options = {};
    if (timeoutMs) options.timeout = timeoutMs;
    if (cacheMode) options.cacheMode = cacheMode;
    if (!progress && !cancelAfterProgress) return options;
    const abort = new AbortController();
    let seen = 0;
    options.signal = abort.signal;
    options.onprogress = () => {
        if (++seen === cancelAfterProgress) abort.abort('cancelled by the script');
    };
    return options;
}

const lists = {
    tools: ['listTools', 'tools'],
    resources: ['listResources', 'resources'],
    templates: ['listResourceTemplates', 'resourceTemplates'],
    prompts: ['listPrompts', 'prompts'],
};

async function listAll(host, { list, ...rest }) {
    if (!lists[list]) throw new ScriptError(`no such list: ${list}`);
    const [method, member] = lists[list];
    const items = [];
    let pages = 0;
    let cursor;
    do {
        const page = await host.client[method](cursor === undefined ? undefined : { cursor }, requestOptions(rest));
        items.push(...page[member]);
        cursor = page.nextCursor;
        pages++;
    } while (cursor !== undefined);
    return { [member]: items, pages };
}

function call(host, { call: name, arguments: args, meta, task, ...rest }) {
    const params = { name, arguments: args };
    if (meta) params._meta = meta;
    if (task) return callAsTask(host, params, task);
    return host.callTool(params, requestOptions(rest));
}

async function callAsTask(host, params, task) {
    const messages = [];
    const options = { task: task === true ? {} : task };
    for await (const message of host.client.experimental.tasks.callToolStream(params, undefined, options)) {
        messages.push(message.type === 'error' ? { type: 'error', error: describe(message.error) } : message);
    }
    return messages;
}

async function listen(host, { listen: filter }) {
    host.subscription = await host.client.listen(filter);
    return host.subscription.honoredFilter;
}

async function awaitMessage(host, { await: method, params, fresh, timeoutMs = defaultLimit }) {
    const wants = message => message.method === method && includes(message.params, params ?? {});
    if (fresh) mailbox.clear(wants);
    const message = await mailbox.take(wants, timeoutMs);
    return message.params ?? {};
}

const describe = error => ({ code: error.code, message: error.message, data: error.data });

async function outcome(host, step) {
    try {
        return { ok: true, result: await actOf(step)(host, step) };
    } catch (error) {
        if (error instanceof ScriptError) throw error;
        return { ok: false, error: describe(error) };
    }
}

function hostV1(load) {
    const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
    const types = load('@modelcontextprotocol/sdk/types.js');
    const client = new Client({ name: 'typescript-host', version: '1' }, { capabilities });
    const requests = [types.CreateMessageRequestSchema, types.ElicitRequestSchema, types.ListRootsRequestSchema];
    for (const schema of requests) {
        client.setRequestHandler(schema, request => answer(request.method, request.params));
    }
    return {
        client,
        Transport: load('@modelcontextprotocol/sdk/client/stdio.js').StdioClientTransport,
        callTool: (params, options) => client.callTool(params, undefined, options),
        request: (request, options) => client.request(request, types.ResultSchema, options),
    };
}

function hostV2(load, mode) {
    const { Client, specTypeSchemas } = load('@modelcontextprotocol/client');
    let Transport = load('@modelcontextprotocol/client/stdio').StdioClientTransport;
    if (mode === 'auto-in-place') Transport = class extends Transport {};
    const modes = { legacy: 'legacy', modern: { pin: '2026-07-28' } };
    const versionNegotiation = { mode: modes[mode] ?? 'auto' };
    const client = new Client({ name: 'typescript-host', version: '2' }, { capabilities, versionNegotiation });
    for (const method of Object.keys(answers)) {
        client.setRequestHandler(method, request => answer(method, request.params));
    }
    return {
        client,
        Transport,
        callTool: (params, options) => client.callTool(params, options),
        request: (request, options) => client.request(request, specTypeSchemas.Result, options),
    };
}

// connect returns the child process, whose end is what "closed" reports.
async function connect(host, { command, rest }) {
    const transport = new host.Transport({ command, args: rest, env: process.env, stderr: 'inherit' });
    transport.onmessage = observe;
    const start = transport.start.bind(transport);
    let version;
    transport.setProtocolVersion = negotiated => { version = negotiated; };
    const exited = {};
    await host.client.connect(transport);
    const child = transport._process;
    exited.promise = new Promise(done => child.once('exit', (code, signal) => done({ code, signal })));
    print({
        connected: {
            protocolVersion: version ?? host.client.getNegotiatedProtocolVersion?.(),
            serverInfo: host.client.getServerVersion(),
            capabilities: host.client.getServerCapabilities(),
            instructions: host.client.getInstructions(),
        },
    });
    return exited.promise;
}
