// The API's warnings in the reader's words; one that is not known here is shown as it came.

const KNOWN = [
  [/^The leg (\w+) failed/, "failed"],
  [/^The leg (\w+) ran out of time/, "late"],
  [/gave no vector.*: ([\w, ]+)\.$/, "noVector"],
  [/^OpenSearch gave no sample.*: ([\w, ]+)\.$/, "unjudged"],
  [/^Not all videos were looked at for the phrases/, "phrases"],
  [/^Of this query, only the first/, "long"],
];

/** Say warnings in a language; the same one comes once, with all the legs that it is about. */
export function inWords(warnings, say) {
  const found = new Map();
  for (const warning of warnings) {
    const [pattern, kind] = KNOWN.find(([known]) => known.test(warning)) ?? [null, warning];
    const legs = pattern?.exec(warning)[1]?.split(/,\s*/) ?? [];
    found.set(kind, [...(found.get(kind) ?? []), ...legs]);
  }
  return [...found].map(([kind, legs]) =>
    say.warnings[kind] ? say.warnings[kind](legs.map((leg) => say.leg[leg] ?? leg).join(", ")) : kind,
  );
}
