import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { FarthingError } from '../../../../src/protocol/errors.ts';
import { isPublicAddress } from '../../../../src/provider/sellers/addresses.ts';
import {
  proveOrigin,
  publicLookup,
  readOriginOverHttp,
} from '../../../../src/provider/sellers/origins.ts';

const PAYTO = 'news@localhost:4270';

async function useOrigin(listener: RequestListener, name = 'news.localhost'): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

function useAnswer(listener: RequestListener): Promise<string> {
  return useOrigin(listener, 'localhost');
}

function prove(origin: string): Promise<void> {
  return proveOrigin(readOriginOverHttp, { origin, payto: PAYTO, accounts: [ACCOUNT] });
}

const ACCOUNT = 'A'.repeat(43);
const proof = JSON.stringify({ account: ACCOUNT, paytos: [PAYTO], keys: [] });

test('an origin on this machine that names the seller is proven', async () => {
  const paths: (string | undefined)[] = [];
  const origin = await useOrigin((request, response) => {
    paths.push(request.url);
    response.end(proof);
  });
  await prove(origin);
  expect(paths).toEqual(['/.well-known/farthing.json']);
});

test('a redirect is not followed', async () => {
  const origin = await useOrigin((request, response) => {
    if (request.url === '/other') response.end(proof);
    else response.writeHead(302, { Location: '/other' }).end();
  });
  await expect(prove(origin)).rejects.toMatchObject({ code: 'origin_unproven' });
});

test('more than 16 kB is not read', async () => {
  const origin = await useOrigin((_, response) => response.end(proof + ' '.repeat(16_384)));
  await expect(prove(origin)).rejects.toMatchObject({ code: 'origin_unproven' });
});

test.for([
  [
    'another seller',
    JSON.stringify({ account: ACCOUNT, paytos: ['else@localhost:4270'], keys: [] }),
  ],
  ['another account', JSON.stringify({ account: `${'A'.repeat(42)}E`, paytos: [PAYTO], keys: [] })],
  ['no account', JSON.stringify({ paytos: [PAYTO], keys: [] })],
  ['a page', '<html>'],
  ['a member too many', JSON.stringify({ account: ACCOUNT, paytos: [PAYTO], keys: [], more: 1 })],
] as const)('an origin that says %s is unproven', async ([, body]) => {
  const origin = await useOrigin((_, response) => response.end(body));
  await expect(prove(origin)).rejects.toMatchObject({ code: 'origin_unproven' });
});

test('an origin that does not answer is unproven, and the way out is said', async () => {
  const refusal = prove('http://localhost:1');
  await expect(refusal).rejects.toMatchObject({
    code: 'origin_unproven',
    detail: expect.stringContaining('/.well-known/farthing.json'),
  });
});

test('why an origin on this machine is unproven is not said', async () => {
  const answers: RequestListener[] = [
    (_, response) => response.writeHead(403).end('secret'),
    (_, response) => response.end('<html>'),
    (_, response) => response.end(' '.repeat(20_000)),
    (_, response) => response.destroy(),
    (_, response) => response.end(JSON.stringify({ account: ACCOUNT, paytos: [], keys: [] })),
  ];
  const details = new Set<string>();
  for (const origin of ['http://localhost:1', ...(await Promise.all(answers.map(useAnswer)))]) {
    const refusal: unknown = await prove(origin).catch((error: unknown) => error);
    if (refusal instanceof FarthingError) details.add(refusal.detail.replace(/:\d+\//, '/'));
  }
  expect(details.size, [...details].join('\n')).toBe(1);
});

test.for([
  'http://news.example',
  'https://10.0.0.1',
  'https://192.168.1.1:8443',
  'https://169.254.169.254',
  'https://[fd00::1]',
  'https://[::ffff:10.0.0.1]',
])('%s is not allowed', async (origin) => {
  await expect(prove(origin)).rejects.toMatchObject({ code: 'origin_not_allowed' });
});

test('a name that resolves into a private network is refused, beside others too', async () => {
  const resolveTo = (...addresses: string[]) =>
    promisify(
      publicLookup((_, __, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      ),
    );
  const options = { all: true };
  await expect(resolveTo('10.1.2.3')('evil.example', options)).rejects.toMatchObject({
    code: 'origin_not_allowed',
  });
  const rebound = resolveTo('93.184.216.34', '127.0.0.1');
  await expect(rebound('evil.example', options)).rejects.toMatchObject({
    code: 'origin_not_allowed',
  });
  expect(await resolveTo('93.184.216.34')('news.example', options)).toEqual([
    { address: '93.184.216.34', family: 4 },
  ]);
});

test.for([
  ['8.8.8.8', true],
  ['172.15.255.255', true],
  ['172.16.0.1', false],
  ['100.64.0.1', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['2606:4700::1111', true],
  ['::1', false],
  ['::ffff:8.8.8.8', false],
  ['fe80::1', false],
  ['2002:0a00:0001::', false],
  ['not an address', false],
] as const)('%s public: %s', ([address, isPublic]) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
