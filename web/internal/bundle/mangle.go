package main

import "strings"

// inner are property names that ts-mls and hpke-noble give to what never leaves the script: they are stored as bytes,
// and nothing outside reads them by name. The bundle gives them short ones. A name that also stands in quotes somewhere
// must not be here; a test looks.
var inner = strings.Fields(`
	groupContext leafIndex signaturePublicKey additionalResult privatePath hpkePublicKey leafNodeSource
	ratchetTree signaturePrivateKey historicalReceiverData confirmationTag keySchedule groupActiveState
	unappliedProposals secretTree clientConfig extensionType senderDataSecret confirmedTranscriptHash
	unmergedLeaves senderLeafIndex unusedGenerations privateKeys joinerSecret parentHash nodeIndex extensionData
	keyRetentionConfig applicationData resumptionPsk encryptedGroupSecrets confirmationKey encryptedGroupInfo
	authService actionTaken preSharedKeyId kemOutput encryptionSecret pathSecret maximumForwardRatchetSteps
	encryptedPathSecret retainKeysForEpochs encryptedSenderData validateLifetimeOnReceive needsUpdatePath
	retainKeysForGenerations keyPackageEqualityConfig validateCredential reuseGuard originalSiblingTreeHash
	selfRemoved initSecret initPrivateKey hpkePrivateKey externalSecret lifetimeConfig addedLeafNodes
	epochAuthenticator compareKeyPackageToLeafNode membershipKey paddingConfig resolution allProposals
	credentialTypes pskSecret exporterSecret extensionTypes ratchetTreeExtension maximumTotalLifetime
	encryptionKey proposalTypes membershipTag externalInitSecret newMemberLeafIndex compareKeyPackages
	privatePackage publicPackage extraProposals framedContent welcomeSecret paddingLength newSecretTree wireformat
	authenticatedData cipherSuite proposalOrRefType senderType contentType credentialType proposalType
`)

func innerPattern() string { return "^(" + strings.Join(inner, "|") + ")$" }
