/** An amount that the reader types, in units of their money. */
import { formatPrice, type Micros, readUnits } from '../../protocol/money.ts';

interface AmountFieldProps {
  readonly label: string;
  readonly currency: string;
  readonly typed: string;
  readonly isWrong: boolean;
  readonly onType: (typed: string) => void;
}

/** `0.50` for a field, from the wire form. */
export function typedOf(amount: string, currency: string): string {
  return formatPrice({ amountMicros: BigInt(amount) as Micros, currency }).replace(/ .*/, '');
}

/** The wire form of what was typed, with a point or a comma; undefined where it is no amount. */
export function amountOf(typed: string): string | undefined {
  return readUnits(typed.replace(',', '.'))?.toString();
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
