interface AmountProps {
  /** As it is read out. */
  readonly said: string;
  readonly children: string;
}

/** An amount: its signs and figures keep their order also between words that run the other way. */
export function Amount({ said, children }: AmountProps) {
  return (
    <>
      <bdi dir="ltr" class="amount" aria-hidden="true">
        {children}
      </bdi>
      <span class="hidden">{said}</span>
    </>
  );
}
