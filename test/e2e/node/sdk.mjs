// SPDX-License-Identifier: Apache-2.0
// The official OpenAI SDK for Node as a client: node sdk.mjs CASE, with BASE_URL in the environment.
// Each case prints one JSON object, and test_node.py looks at it.

import OpenAI from 'openai';

const client = new OpenAI({
	baseURL: process.env.BASE_URL,
	apiKey: process.env.KEY ?? 'tv-none',
	maxRetries: Number(process.env.RETRIES ?? 0),
	timeout: Number(process.env.TIMEOUT_MS ?? 20000),
});
const model = process.env.MODEL ?? 'm';
const messages = [{ role: 'user', content: process.env.SAY ?? 'hello there' }];
const tools = [{
	type: 'function',
	function: {
		name: 'weather',
		parameters: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
	},
}];

// What a typed error is, in words that survive JSON.
async function failure(promise) {
	try {
		return { error: null, value: await promise };
	} catch (e) {
		return {
			error: e.constructor.name,
			status: e.status ?? null,
			code: e.code ?? null,
			param: e.param ?? null,
			message: e.message,
			retryAfter: e.headers?.get?.('retry-after') ?? null,
			id: e.headers?.get?.('x-trivium-id') ?? null,
		};
	}
}

async function collect(stream) {
	const seen = { text: '', finish: null, usage: null, chunks: 0, name: '', arguments: '' };
	for await (const chunk of stream) {
		const choice = chunk.choices[0];
		seen.chunks++;
		seen.usage = chunk.usage ?? seen.usage;
		seen.text += choice?.delta?.content ?? '';
		seen.finish = choice?.finish_reason ?? seen.finish;
		for (const call of choice?.delta?.tool_calls ?? []) {
			seen.name += call.function?.name ?? '';
			seen.arguments += call.function?.arguments ?? '';
		}
	}
	return seen;
}

const cases = {
	async chat() {
		const { data, response } = await client.chat.completions.create({ model, messages }).withResponse();
		return {
			text: data.choices[0].message.content,
			usage: data.usage,
			model: response.headers.get('x-trivium-model'),
		};
	},
	async stream() {
		return collect(await client.chat.completions.create({ model, messages, stream: true }));
	},
	async usage() {
		return collect(await client.chat.completions.create(
			{ model, messages, stream: true, stream_options: { include_usage: true } }));
	},
	async helper() {
		const runner = client.chat.completions.stream({ model, messages });
		return { text: await runner.finalContent() };
	},
	async tools() {
		const a = await client.chat.completions.create({ model, messages, tools, tool_choice: 'required' });
		const call = a.choices[0].message.tool_calls[0];
		const b = await client.chat.completions.create({
			model, tools, messages: [...messages, a.choices[0].message,
				{ role: 'tool', tool_call_id: call.id, content: 'sunny' }],
		});
		return { name: call.function.name, arguments: call.function.arguments,
			text: b.choices[0].message.content };
	},
	async streamed_tools() {
		return collect(await client.chat.completions.create(
			{ model, messages, tools, tool_choice: 'required', stream: true }));
	},
	async structured() {
		const schema = { type: 'object', additionalProperties: false, required: ['name', 'age'],
			properties: { name: { type: 'string' }, age: { type: 'integer' } } };
		const a = await client.chat.completions.parse({ model, messages, response_format: {
			type: 'json_schema', json_schema: { name: 'person', strict: true, schema } } });
		return JSON.parse(a.choices[0].message.content);
	},
	async embeddings() {
		const a = await client.embeddings.create({ model, input: ['a', 'b', 'a'], dimensions: 8 });
		const b = await client.embeddings.create(
			{ model, input: 'a', dimensions: 8, encoding_format: 'float' });
		return { base64: a.data.map((d) => Array.from(d.embedding)), float: b.data[0].embedding };
	},
	async models() {
		const ids = [];
		for await (const m of client.models.list())
			ids.push(m.id);
		return { ids, one: (await client.models.retrieve(model)).id };
	},
	async completions() {
		const a = await client.completions.create({ model, prompt: 'once' });
		return { text: a.choices[0].text };
	},
	async error() {
		return failure(client.chat.completions.create({ model, messages }));
	},
	async bad() {
		return failure(client.chat.completions.create({ model, messages: 'hello' }));
	},
	async labelled() {
		return failure(client.chat.completions.create({ model, messages },
			{ headers: { 'x-trivium-label': 'confidential' } }));
	},
	async broken_stream() {
		return failure((async () => collect(
			await client.chat.completions.create({ model, messages, stream: true })))());
	},
	async cancel() {
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let chunks = 0;
		for await (const _ of stream)
			if (++chunks === 4)
				stream.controller.abort();
		return { chunks };
	},
	async many() {
		const answers = await Promise.all(Array.from({ length: 50 }, (_, i) =>
			client.chat.completions.create({ model, messages: [{ role: 'user', content: `q${i}` }] })));
		return { right: answers.every((a, i) => a.choices[0].message.content.endsWith(` q${i}`)) };
	},
};

console.log(JSON.stringify(await cases[process.argv[2]]()));
process.exit(0);
