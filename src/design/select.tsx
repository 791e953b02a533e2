/** A choice of one among many, or of none in particular. */
interface SelectProps<T extends string> {
  readonly label: string;
  /** What none in particular is called. */
  readonly any: string;
  readonly value: T | undefined;
  readonly options: readonly (readonly [value: T, name: string])[];
  readonly onChange: (value: T | undefined) => void;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, any, value, options, onChange } = props;
  const choose = (chosen: string) => onChange(options.find(([it]) => it === chosen)?.[0]);
  return (
    <label class="field">
      {label}
      <select value={value ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{any}</option>
        {options.map(([it, name]) => (
          <option key={it} value={it}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
