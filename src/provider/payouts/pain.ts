/** Payouts as ISO 20022 files, `pain.001.001.09`: what a bank takes as an upload. */
import { MICROS_PER_CENT, type Micros } from '../../protocol/money.ts';
import type { Transfer, TransferRun } from './bank.ts';
import { inLatin } from './latin.ts';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';
/** `Max70Text` is what SEPA leaves of the schema's 140. */
const NAME_LENGTH_MAX = 70;

/** Whose account the money leaves. */
export interface Debtor {
  readonly name: string;
  readonly iban: string;
}

/** An element, with text or with elements in it. */
interface Element {
  readonly name: string;
  readonly content: string | readonly Element[];
  readonly attributes?: string;
}

function element(name: string, content: Element['content'], attributes = ''): Element {
  return { name, content, attributes };
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function* linesOf({ name, content, attributes }: Element, indent = ''): Generator<string> {
  const open = `${indent}<${name}${attributes}>`;
  if (typeof content === 'string') {
    yield `${open}${escapeXml(content)}</${name}>`;
    return;
  }
  yield open;
  for (const child of content) yield* linesOf(child, `${indent}  `);
  yield `${indent}</${name}>`;
}

/** Whole cents as banks write them: `12.30`. @throws TypeError for parts of a cent */
function decimal(amountMicros: bigint): string {
  if (amountMicros % MICROS_PER_CENT !== 0n) throw new TypeError('A bank pays whole cents');
  const cents = (amountMicros / MICROS_PER_CENT).toString().padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

function named(name: string): Element {
  return element('Nm', inLatin(name).slice(0, NAME_LENGTH_MAX).trim());
}

function accountOf({ iban, account = '' }: Transfer['to']): Element {
  if (iban !== undefined) return element('Id', [element('IBAN', iban)]);
  return element('Id', [element('Othr', [element('Id', account)])]);
}

function transferElement({ id, to, currency, amountMicros }: Transfer): Element {
  return element('CdtTrfTxInf', [
    element('PmtId', [element('InstrId', id), element('EndToEndId', id)]),
    element('Amt', [element('InstdAmt', decimal(amountMicros), ` Ccy="${currency}"`)]),
    element('Cdtr', [named(to.name)]),
    element('CdtrAcct', [accountOf(to)]),
    element('RmtInf', [element('Ustrd', `Payout ${id}`)]),
  ]);
}

function sums(transfers: readonly Transfer[]): Element[] {
  const sumMicros = transfers.reduce((sum, { amountMicros }) => sum + amountMicros, 0n) as Micros;
  return [element('NbOfTxs', `${transfers.length}`), element('CtrlSum', decimal(sumMicros))];
}

/** The file of a run: the same bytes whenever it is made. */
export function painOf({ id, atSec, transfers }: TransferRun, debtor: Debtor): string {
  const time = new Date(atSec * 1000).toISOString();
  const document = element(
    'Document',
    [
      element('CstmrCdtTrfInitn', [
        element('GrpHdr', [
          element('MsgId', id),
          element('CreDtTm', time.replace('.000Z', 'Z')),
          ...sums(transfers),
          element('InitgPty', [named(debtor.name)]),
        ]),
        element('PmtInf', [
          element('PmtInfId', id),
          element('PmtMtd', 'TRF'),
          ...sums(transfers),
          element('ReqdExctnDt', [element('Dt', time.slice(0, 10))]),
          element('Dbtr', [named(debtor.name)]),
          element('DbtrAcct', [element('Id', [element('IBAN', debtor.iban)])]),
          element('DbtrAgt', [
            element('FinInstnId', [element('Othr', [element('Id', 'NOTPROVIDED')])]),
          ]),
          ...transfers.map(transferElement),
        ]),
      ]),
    ],
    ` xmlns="${NAMESPACE}"`,
  );
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...linesOf(document), ''].join('\n');
}
