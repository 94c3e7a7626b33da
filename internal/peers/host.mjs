// A host made of the official TypeScript SDK, for tests: it connects to a server over stdio, runs a script of steps
// and prints what came of each as one line of JSON.
//
//   node host.mjs --packages DIR [--client NAME] SCRIPT.json -- COMMAND ARG…
//
// Clients: v1 is @modelcontextprotocol/sdk. The others are @modelcontextprotocol/client: v2-legacy opens with initialize,
// v2-modern speaks 2026-07-28 or nothing, v2-auto asks with server/discover and falls back to initialize. With -apart
// they ask on a process of its own, which is then thrown away (this SDK's default): COMMAND is started twice.
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

const clients = ['v1', 'v2-legacy', 'v2-modern', 'v2-modern-apart', 'v2-auto', 'v2-auto-apart'];
const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } };
const defaultLimit = 45_000;

const print = line => process.stdout.write(JSON.stringify(line) + '\n');
const finish = code => process.stdout.write('', () => process.exit(code));

class ScriptError extends Error {}

function readScript(path) {
    try {
        return JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
        throw new ScriptError(`${path}: ${error.message}`);
    }
}

function parseCommandLine(args) {
    const options = { client: 'v1' };
    while (args[0]?.startsWith('--') && args[0] !== '--') {
        options[args.shift().slice(2)] = args.shift();
    }
    const [script, dashes, command, ...rest] = args;
    if (!options.packages || !clients.includes(options.client) || dashes !== '--' || !command) {
        throw new ScriptError(`usage: host.mjs --packages DIR [--client ${clients.join('|')}] SCRIPT.json -- COMMAND ARG…`);
    }
    const steps = readScript(script);
    if (!Array.isArray(steps)) throw new ScriptError(`${script}: a script is an array of steps`);
    return { ...options, steps, command, rest };
}

// Mailbox keeps the messages that came from the server until an "await" step takes them.
class Mailbox {
    #messages = [];
    #waiting = [];
    #closed;

    put(message) {
        const taker = this.#waiting.findIndex(w => w.wants(message));
        if (taker < 0) this.#messages.push(message);
        else this.#waiting.splice(taker, 1)[0].resolve(message);
    }

    take(wants, limit) {
        const found = this.#messages.findIndex(wants);
        if (found >= 0) return this.#messages.splice(found, 1)[0];
        if (this.#closed) throw this.#closed;
        return new Promise((resolve, reject) => {
            const entry = { wants, resolve, reject };
            this.#waiting.push(entry);
            setTimeout(() => {
                this.#waiting = this.#waiting.filter(w => w !== entry);
                reject(new Error(`nothing came within ${limit} ms`));
            }, limit).unref();
        });
    }

    forget(wants) {
        this.#messages = this.#messages.filter(m => !wants(m));
    }

    close(error) {
        this.#closed = error;
        this.#waiting.splice(0).forEach(w => w.reject(error));
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

// One act for each kind of step, named after the member that tells the kind. The other members a step can have:
//   list: tools, resources, templates or prompts, all pages of it; also cacheMode (v2)
//   call, send: progress (true), cancelAfterProgress (n), timeoutMs; call also meta (added to _meta), task (true, v1)
//   listen (v2): the filter, such as {"toolsListChanged":true}; unlisten ends it
//   answer: the method of a request of the server; with: the result to give from now on, or {"error":{code,message}}
//   await: the method of a message of the server, each of which is taken once, however early it came; params: members
//     that it must have; fresh (true): not one that came before this step; timeoutMs (45000)
//   parallel: steps that start together, in this order; the result holds their outcomes
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
    const wants = message => message.method === method && includes(message.params ?? {}, params ?? {});
    if (fresh) mailbox.forget(wants);
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
    const [era, apart] = mode.split('-');
    if (!apart) Transport = class extends Transport {}; // a subclass is what makes the SDK ask in place
    const versionNegotiation = { mode: era === 'modern' ? { pin: '2026-07-28' } : era };
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

// connect resolves once the session is open; host.exited then tells how the server's process ended.
async function connect(host, { command, rest }) {
    const transport = new host.Transport({ command, args: rest, env: process.env, stderr: 'inherit' });
    transport.onmessage = observe;
    transport.setProtocolVersion = version => { host.version = version; };
    transport.onclose = () => {
        if (!host.closing) mailbox.close(host.died = new Error('the connection died'));
    };
    await host.client.connect(transport);
    if (host.died) throw host.died;
    const child = transport._process; // not public, and the only way to the exit status
    host.exited = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
    print({
        connected: {
            protocolVersion: host.version,
            serverInfo: host.client.getServerVersion(),
            capabilities: host.client.getServerCapabilities(),
            instructions: host.client.getInstructions(),
        },
    });
}

async function run(options) {
    const load = createRequire(join(resolve(options.packages), 'package.json'));
    const host = options.client === 'v1' ? hostV1(load) : hostV2(load, options.client.slice('v2-'.length));
    await connect(host, options);
    for (const [i, step] of options.steps.entries()) {
        print({ step: i, ...(await outcome(host, step)) });
        if (host.died) break;
    }
    host.closing = true;
    await host.client.close();
    print({ closed: { ...(await host.exited), died: host.died && true } });
    return host.died ? 1 : 0;
}

try {
    const options = parseCommandLine(process.argv.slice(2));
    options.steps.forEach(actOf);
    finish(await run(options));
} catch (error) {
    console.error(`host.mjs: ${error.message}`);
    finish(error instanceof ScriptError ? 2 : 1);
}
