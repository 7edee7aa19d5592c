import { z } from 'zod';
import { objectName } from './gateway/names.ts';
import { defineOwnKind } from './own/define.ts';

/** What a filter of type ExtensionRef of a GRPCRoute names: calls of gRPC by HTTP and JSON. */
export const grpcJsonTranscoder = defineOwnKind({
  kind: 'GrpcJsonTranscoder',
  spec: z
    .strictObject({
      descriptorSet: z
        .strictObject({
          configMapRef: z
            .strictObject({
              name: objectName.describe('Name of the ConfigMap, in the namespace of this object.'),
              key: z.string().min(1).max(253).optional().describe('Key in its `binaryData`. May be left out where there is only one.'),
            })
            .describe('Where the bytes are.'),
        })
        .describe(
          'The compiled `.proto` files with all that they import, at most 512 KiB without comments: `protoc --include_imports --descriptor_set_out=FILE`, or `buf build -o FILE`.',
        ),
      unknownQueryParameters: z
        .enum(['Ignore', 'Reject'])
        .optional()
        .describe('What becomes of a request with query parameters that are no field of the message. `Reject`: 400. `Ignore` unless written.'),
      convertGrpcStatus: z
        .boolean()
        .optional()
        .describe('Whether the answer to a call that fails is a `google.rpc.Status` as JSON; else its body is empty. `true` unless written.'),
      print: z
        .strictObject({
          defaultValues: z.boolean().optional().describe('Whether fields that have their default value are written. `false` unless written.'),
          enumsAsNumbers: z.boolean().optional().describe('Whether enums are written as numbers. `false` unless written.'),
          protoFieldNames: z.boolean().optional().describe('Whether fields have the names of the `.proto` file rather than camelCase. `false` unless written.'),
        })
        .optional()
        .describe('How messages are written as JSON.'),
    })
    .describe('What is read and written.'),
});
