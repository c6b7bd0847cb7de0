import { ratchetTreeFromExtension, type GroupInfo } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef, type KeyPackage } from "ts-mls/keyPackage.js";
import { findLeafIndex } from "ts-mls/ratchetTree.js";
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from "ts-mls/welcome.js";
import { CodecError } from "../wire/codec.ts";
import { type Trust, contextOf, leavesOf } from "./library.ts";
import { PolicyError, decideJoin, decideSize, decideTree } from "./policy.ts";
import { suite, suiteName } from "./provider.ts";

/**
 * Decrypts a Welcome's GroupInfo to be judged before ts-mls walks through its tree; ts-mls then authenticates the very
 * same bytes.
 */
export async function openWelcome(
  welcome: Welcome,
  keyPackage: KeyPackage,
  initPrivateKey: Uint8Array,
): Promise<GroupInfo> {
  const key = await suite.hpke.importPrivateKey(initPrivateKey);
  const secrets = await decryptGroupSecrets(key, await makeKeyPackageRef(keyPackage, suite.hash), welcome, suite.hpke);
  if (!secrets) throw new CodecError("Welcome does not decode");
  if (secrets.psks.length !== 0) throw new PolicyError("proposal");
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(suite.kdf.size), suite);
  secrets.joinerSecret.fill(0);
  secrets.pathSecret?.fill(0);
  if (!info) throw new CodecError("Welcome does not decode");
  return info;
}

/** What a Welcome says, by spec §7.4, rule 5, before anything in it is believed. Throws PolicyError. */
export function judgeWelcome(info: GroupInfo, welcome: Welcome, keyPackage: KeyPackage, trust: Trust): void {
  const { version, cipherSuite, groupId, epoch, extensions } = info.groupContext;
  if (version !== "mls10" || cipherSuite !== suiteName || welcome.cipherSuite !== suiteName)
    throw new PolicyError("suite");
  if (extensions.length !== 0 || info.extensions.length !== 1) throw new PolicyError("extension");
  if (groupId.length !== 32) throw new PolicyError("group");
  const tree = ratchetTreeFromExtension(info);
  if (!tree) throw new PolicyError("extension");
  decideSize(
    tree.length,
    tree.flatMap((node) => (node?.nodeType === "parent" ? node.parent.unmergedLeaves : [])),
  );
  const own = findLeafIndex(tree, keyPackage.leafNode);
  if (own === undefined) throw new PolicyError("own_leaf");
  decideJoin(info.signer, epoch, own);
  decideTree(leavesOf(tree), own, contextOf(trust));
}
