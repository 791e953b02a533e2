type Option<T extends string> = readonly [value: T, name: string, group?: string | undefined];

/** A choice of one among many, or of none in particular. */
interface SelectProps<T extends string> {
  readonly label: string;
  /** What none in particular is called. */
  readonly any: string;
  readonly value: T | undefined;
  readonly options: readonly Option<T>[];
  readonly onChange: (value: T | undefined) => void;
}

function choices<T extends string>(options: readonly Option<T>[]) {
  return options.map(([it, name]) => (
    <option key={it} value={it}>
      {name}
    </option>
  ));
}

/** Options with a group stand under its name. */
export function Select<T extends string>(props: SelectProps<T>) {
  const { label, any, value, options, onChange } = props;
  const choose = (chosen: string) => onChange(options.find(([it]) => it === chosen)?.[0]);
  return (
    <label class="field">
      {label}
      <select value={value ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{any}</option>
        {[...Map.groupBy(options, ([, , group]) => group)].map(([group, own]) =>
          group === undefined ? (
            choices(own)
          ) : (
            <optgroup key={group} label={group}>
              {choices(own)}
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}
