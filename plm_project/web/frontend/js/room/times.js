// Times in the reader's own way of writing them.

const language = () => document.documentElement.lang || undefined;

export const dayOf = (date) => new Intl.DateTimeFormat(language(), { dateStyle: "full" }).format(date);
export const timeOf = (date) => new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(date);
export const momentOf = (date) => new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(date);
