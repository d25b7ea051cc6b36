/*
 * What bindgen sees. Besides librpm's own headers it names, as constants with a type, those values that librpm
 * offers only as preprocessor expressions over its enumerators, which bindgen cannot evaluate.
 */
#include <rpm/header.h>
#include <rpm/rpmarchive.h>
#include <rpm/rpmbase64.h>
#include <rpm/rpmcli.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmds.h>
#include <rpm/rpmstrpool.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmio.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmps.h>
#include <rpm/rpmstring.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <rpm/rpmts.h>

static const rpmVSFlags RPM_SYS_VSF_NOSIGNATURES = RPMVSF_MASK_NOSIGNATURES;
static const rpmVSFlags RPM_SYS_VSF_NODIGESTS = RPMVSF_MASK_NODIGESTS;
static const rpmVSFlags RPM_SYS_VSF_NOPAYLOAD = RPMVSF_MASK_NOPAYLOAD;
static const int RPM_SYS_LOG_UPTO_NOTICE = RPMLOG_UPTO(RPMLOG_NOTICE);
static const int RPM_SYS_LOG_UPTO_INFO = RPMLOG_UPTO(RPMLOG_INFO);
