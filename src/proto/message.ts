import type { AnyExtension, MessageTypeDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './gen/tree.ts';

/** Finds the type of a message in the generated tree by its dotted name. */
type Lookup<Tree, Name extends string> = Name extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Tree
    ? Lookup<Tree[Head], Rest>
    : never
  : Name extends keyof Tree
    ? Tree[Name]
    : never;

/** All dotted names of messages below a node of the tree. */
type NamesOf<Tree> = {
  [Key in keyof Tree & string]: Tree[Key] extends MessageTypeDefinition<infer _Input, infer _Output>
    ? Key
    : Tree[Key] extends { format: string } | ((...args: never[]) => unknown)
      ? never
      : `${Key}.${NamesOf<Tree[Key]>}`;
}[keyof Tree & string];

/** Dotted name of a message of the Envoy API: `envoy.config.cluster.v3.Cluster`. */
export type MessageName = NamesOf<ProtoGrpcType>;

/** The plain object of a message, as literals write it: Envoy's field names, enums as strings. */
export type Message<Name extends MessageName> = Lookup<ProtoGrpcType, Name> extends MessageTypeDefinition<infer Input, infer _Output> ? Input : never;

/** A message inside an Any, checked by its type and encoded at any depth. */
export function typed<Name extends MessageName>(name: Name, value: Message<Name>): Message<Name> & AnyExtension {
  return Object.assign({ '@type': `type.googleapis.com/${name}` }, value) as Message<Name> & AnyExtension;
}
