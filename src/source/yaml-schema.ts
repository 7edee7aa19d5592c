import { Schema, type Tags } from 'yaml';

/** Types of YAML 1.1 that JSON, and so Kubernetes, does not have. */
const jsonLacks = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp'].map((name) => `tag:yaml.org,2002:${name}`));

/** The types of YAML 1.1 without those. */
export const customTags = (tags: Tags): Tags => tags.filter((tag) => typeof tag === 'string' || !(jsonLacks.has(tag.tag) || tag.format === 'TIME'));

/** How scalars are read. Made once: a quarter of the time that a short document takes would go into it. */
export const schema = new Schema({ schema: 'yaml-1.1', customTags, resolveKnownTags: false });
