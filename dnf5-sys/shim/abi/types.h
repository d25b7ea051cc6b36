/* What all parts of the interface use. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define RDNF5_NOEXCEPT noexcept
extern "C" {
#else
#define RDNF5_NOEXCEPT
#endif

typedef struct Rdnf5Error Rdnf5Error;
typedef struct Rdnf5String Rdnf5String;
typedef struct Rdnf5StringList Rdnf5StringList;
typedef struct Rdnf5Base Rdnf5Base;
typedef struct Rdnf5Repo Rdnf5Repo;
typedef struct Rdnf5RepoList Rdnf5RepoList;
typedef struct Rdnf5RepoQuery Rdnf5RepoQuery;
typedef struct Rdnf5Package Rdnf5Package;
typedef struct Rdnf5PackageList Rdnf5PackageList;
typedef struct Rdnf5PackageQuery Rdnf5PackageQuery;
typedef struct Rdnf5GoalJobSettings Rdnf5GoalJobSettings;
typedef struct Rdnf5Goal Rdnf5Goal;
typedef struct Rdnf5Transaction Rdnf5Transaction;
typedef struct Rdnf5AdvisoryQuery Rdnf5AdvisoryQuery;
typedef struct Rdnf5GroupQuery Rdnf5GroupQuery;
typedef struct Rdnf5EnvironmentQuery Rdnf5EnvironmentQuery;
typedef struct Rdnf5ModuleQuery Rdnf5ModuleQuery;
typedef struct Rdnf5History Rdnf5History;
typedef struct Rdnf5Offline Rdnf5Offline;
typedef struct Rdnf5TransactionPackage Rdnf5TransactionPackage;
typedef struct Rdnf5TransactionPackageList Rdnf5TransactionPackageList;

/// Borrowed bytes.
typedef struct Rdnf5Bytes {
    const uint8_t * data;
    size_t size;
} Rdnf5Bytes;

#ifdef __cplusplus
}
#endif
