/** An amount that the reader types, in units of their money. */
import { formatPrice, type Micros, readUnits } from '../../protocol/money.ts';
import { locale } from '../../words/say.ts';

interface AmountFieldProps {
  readonly label: string;
  readonly currency: string;
  readonly typed: string;
  readonly isWrong: boolean;
  readonly onType: (typed: string) => void;
}

/** What the reader's language writes between units and cents. */
function decimalSign(): string {
  const parts = new Intl.NumberFormat(locale(), { numberingSystem: 'latn' }).formatToParts(0.5);
  return parts.find(({ type }) => type === 'decimal')?.value ?? '.';
}

/** `0.50` or `0,50` for a field, from the wire form. */
export function typedOf(amount: string, currency: string): string {
  const price = formatPrice({ amountMicros: BigInt(amount) as Micros, currency });
  return price.replace(/ .*/, '').replace('.', decimalSign());
}

const ARABIC_ZERO = 0x660;

/**
 * The wire form of what was typed, with a point or a comma, in European or Arabic figures;
 * undefined where it is no amount.
 */
export function amountOf(typed: string): string | undefined {
  const european = typed.replace(/[\u0660-\u0669]/g, (figure) =>
    String(figure.charCodeAt(0) - ARABIC_ZERO),
  );
  return readUnits(european.replace(/[,\u066b]/, '.'))?.toString();
}

export function AmountField({ label, currency, typed, isWrong, onType }: AmountFieldProps) {
  return (
    <label class="field amount-field">
      {label}
      <span class="amount-box">
        <input
          inputMode="decimal"
          autocomplete="off"
          value={typed}
          aria-invalid={isWrong}
          onInput={(event) => onType(event.currentTarget.value)}
        />
        <span class="soft">{currency}</span>
      </span>
    </label>
  );
}
