import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Element, Window } from 'happy-dom';
import { expect, onTestFinished, test } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import type { TransferRun } from '../../../../src/provider/payouts/bank.ts';
import { createFileBank } from '../../../../src/provider/payouts/files.ts';
import { inLatin } from '../../../../src/provider/payouts/latin.ts';
import { painOf } from '../../../../src/provider/payouts/pain.ts';
import { payOut } from '../../../../src/provider/payouts/run.ts';
import { START_MS } from '../../../support/payer.ts';
import { temporaryFolder } from '../../../support/sandbox.ts';
import { buy, IBAN, PAID_AT_ONCE, useTill } from '../../../support/till.ts';

const DEBTOR = { name: 'Fähre & Söhne „Pay“', iban: IBAN };

const RUN: TransferRun = {
  id: 'a'.repeat(32),
  atSec: START_MS / 1000,
  transfers: [
    {
      id: 'b'.repeat(32),
      to: { name: 'Žluťoučký <kůň> & "Søn"', iban: 'GB29NWBK60161331926819' },
      currency: 'USD',
      amountMicros: 1_234_560_000n as Micros,
    },
    {
      id: 'c'.repeat(32),
      to: { name: 'Ł'.repeat(70), account: '021000021-12345678' },
      currency: 'USD',
      amountMicros: 10_000n as Micros,
    },
  ],
};

interface Node {
  readonly name: string;
  readonly text: string;
  readonly nodes: readonly Node[];
}

function parse(xml: string): Node {
  const window = new Window();
  onTestFinished(() => window.happyDOM.close());
  const document = new window.DOMParser().parseFromString(xml, 'text/xml');
  const read = (element: Element): Node => ({
    name: element.nodeName,
    text: element.textContent,
    nodes: [...element.children].map(read),
  });
  return read(document.documentElement as unknown as Element);
}

/** Elements with their text, or with what is in them, in order. */
function outline({ name, text, nodes }: Node): unknown {
  return nodes.length === 0 ? [name, text] : [name, nodes.map(outline)];
}

function all({ nodes }: Node, name: string): Node[] {
  return nodes.flatMap((node) => [...(node.name === name ? [node] : []), ...all(node, name)]);
}

/** The order that the schema demands. */
test('the elements of a file stand in the order of pain.001.001.09', () => {
  const sums = [
    ['NbOfTxs', '2'],
    ['CtrlSum', '1234.57'],
  ];
  const agent = ['FinInstnId', [['Othr', [['Id', 'NOTPROVIDED']]]]];
  const transfer = (id: string, amount: string, name: string, account: unknown) => [
    'CdtTrfTxInf',
    [
      [
        'PmtId',
        [
          ['InstrId', id],
          ['EndToEndId', id],
        ],
      ],
      ['Amt', [['InstdAmt', amount]]],
      ['Cdtr', [['Nm', name]]],
      ['CdtrAcct', [['Id', [account]]]],
      ['RmtInf', [['Ustrd', `Payout ${id}`]]],
    ],
  ];
  const [id = '', first = '', second = ''] = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
  const other = ['Othr', [['Id', '021000021-12345678']]];
  const name = "Fahre + Sohne .Pay'";
  expect(outline(parse(painOf(RUN, DEBTOR)))).toEqual([
    'Document',
    [
      [
        'CstmrCdtTrfInitn',
        [
          [
            'GrpHdr',
            [
              ['MsgId', id],
              ['CreDtTm', '2027-01-15T08:00:00Z'],
              ...sums,
              ['InitgPty', [['Nm', name]]],
            ],
          ],
          [
            'PmtInf',
            [
              ['PmtInfId', id],
              ['PmtMtd', 'TRF'],
              ...sums,
              ['ReqdExctnDt', [['Dt', '2027-01-15']]],
              ['Dbtr', [['Nm', name]]],
              ['DbtrAcct', [['Id', [['IBAN', IBAN]]]]],
              ['DbtrAgt', [agent]],
              transfer(first, '1234.56', 'Zlutoucky .kun. + .Son.', [
                'IBAN',
                'GB29NWBK60161331926819',
              ]),
              transfer(second, '0.01', 'L'.repeat(70), other),
            ],
          ],
        ],
      ],
    ],
  ]);
});

const LENGTHS: readonly (readonly [name: string, lengthMax: number])[] = [
  ...(['MsgId', 'PmtInfId', 'InstrId', 'EndToEndId'] as const).map((it) => [it, 35] as const),
  ...[['Nm', 70] as const, ['IBAN', 34] as const, ['Ustrd', 140] as const],
];

test('no text is longer than a bank takes, or has letters that it does not take', () => {
  const file = parse(painOf(RUN, { ...DEBTOR, name: `Ærø ${'x'.repeat(200)}` }));
  for (const [name, lengthMax] of LENGTHS) {
    const texts = all(file, name).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text.length, name).toBeLessThanOrEqual(lengthMax);
      expect(text, name).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]+$/);
    }
  }
});

test.for([
  ['Zoë Åström-Łukasz', 'Zoe Astrom-Lukasz'],
  ['Straße', 'Strasse'],
  ['A  &  B', 'A + B'],
  ['Ελλάδα Daily', '...... Daily'],
  ['mail@shop_1', 'mail(at)shop-1'],
  ['<script>"x"</script>', '.script..x../script.'],
  ['ﬁrm №5', 'firm No5'],
] as const)('%s is written %s', ([text, latin]) => {
  expect(inLatin(text)).toBe(latin);
});

test('parts of a cent are never written', () => {
  const [transfer] = RUN.transfers;
  if (!transfer) throw new TypeError('one transfer');
  const transfers = [{ ...transfer, amountMicros: 5_000n as Micros }];
  expect(() => painOf({ ...RUN, transfers }, DEBTOR)).toThrow(TypeError);
});

test('a run is one file, written once, for nobody else to read', async () => {
  const folder = temporaryFolder();
  const bank = createFileBank(folder, DEBTOR);
  await bank.handOver(RUN);
  const [name = '', ...more] = readdirSync(folder);
  expect([name, more]).toEqual([`2027-01-15-${RUN.id}.xml`, []]);
  expect(readFileSync(join(folder, name), 'utf8')).toBe(painOf(RUN, DEBTOR));
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  writeFileSync(join(folder, name), 'as it was uploaded');
  await bank.handOver(RUN);
  expect(readFileSync(join(folder, name), 'utf8')).toBe('as it was uploaded');
});

test('several processes that tell the same run at once write one whole file', async () => {
  const folder = temporaryFolder();
  const banks = Array.from({ length: 8 }, () => createFileBank(folder, DEBTOR));
  await Promise.all(banks.map((bank) => bank.handOver(RUN)));
  const [name = '', ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  expect(readFileSync(join(folder, name), 'utf8')).toBe(painOf(RUN, DEBTOR));
});

test('an account to pay from that is none, and a folder that is not there, are refused', () => {
  const folder = temporaryFolder();
  const refused = expect.objectContaining({ code: 'option_invalid' });
  expect(() => createFileBank(folder, { ...DEBTOR, iban: 'DE00' })).toThrow(refused);
  expect(() => createFileBank(join(folder, 'nowhere'), DEBTOR)).toThrow(refused);
});

test('a bank that fails has everything told again under the same ids', async () => {
  const till = await useTill(PAID_AT_ONCE);
  const folder = join(temporaryFolder(), 'payouts');
  mkdirSync(folder);
  const bank = createFileBank(folder, DEBTOR);
  const told: TransferRun[] = [];
  const failing = {
    ...bank,
    handOver: async (run: TransferRun) => {
      told.push(run);
      await bank.handOver(run);
      if (told.length === 1) throw new Error('the disk is full');
    },
  };
  const { context } = till.sandbox;
  Object.assign(context, { bank: failing });
  await buy(till.reader, till.seller, 3_000_000n);
  till.sandbox.time.nowMs += 3_600_000;
  await expect(payOut(context)).rejects.toThrow('the disk is full');
  expect((await till.earnings()).payouts).toMatchObject([{ state: 'made' }]);
  await payOut(context);
  expect(told[1]).toEqual(told[0]);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await till.earnings()).toMatchObject({ payouts: [{ state: 'sent' }], more: false });
  await till.balances();
});

test('another bank leaves alone what it did not make', async () => {
  const till = await useTill(PAID_AT_ONCE);
  const { context } = till.sandbox;
  const { bank: sandbox } = context;
  Object.assign(context, { bank: createFileBank(temporaryFolder(), DEBTOR) });
  await buy(till.reader, till.seller, 3_000_000n);
  await till.pass(1);
  Object.assign(context, { bank: sandbox });
  await expect(payOut(context)).rejects.toMatchObject({ code: 'option_invalid' });
  expect((await till.earnings()).payouts).toMatchObject([{ state: 'sent' }]);
});
