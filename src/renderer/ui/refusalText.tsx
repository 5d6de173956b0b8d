/** Why what was asked for cannot be; nothing where it can. Heard as soon as it is known. */
export function Refusal({ why }: { why: string | null }) {
  if (why === null) return null;
  return (
    <p className="bad" role="alert">
      {why}
    </p>
  );
}
