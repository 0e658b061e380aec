// Who is called in a message by "@Name", and where these names stand in it.

/** Return the ids of the people whose "@Name" stands in the text; picked decides between people of one name. */
export function mentionsIn(text, people, picked) {
  const named = [...people.values()].filter((person) => text.includes(`@${person.user_name}`));
  return named
    .filter((person) => {
      const same = named.filter((other) => other.user_name === person.user_name);
      return same.length === 1 || !same.some((other) => picked.has(other.user_id)) || picked.has(person.user_id);
    })
    .map((person) => person.user_id);
}

/** Cut a text into plain parts and "@Name" parts: [[text, isMention], …]. */
export function partsOf(text, names) {
  const marks = names.map((name) => `@${name}`).sort((one, other) => other.length - one.length);
  const parts = [];
  let rest = 0;
  for (let at = 0; at < text.length; ) {
    const mark = text[at] === "@" ? marks.find((entry) => text.startsWith(entry, at)) : undefined;
    if (!mark) {
      at += 1;
      continue;
    }
    if (at > rest) parts.push([text.slice(rest, at), false]);
    parts.push([mark, true]);
    at = rest = at + mark.length;
  }
  if (rest < text.length) parts.push([text.slice(rest), false]);
  return parts;
}
