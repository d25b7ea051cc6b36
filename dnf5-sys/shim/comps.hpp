// The order of groups and environments, for queries and output alike.

#ifndef REDPAK_DNF5_COMPS_HPP
#define REDPAK_DNF5_COMPS_HPP

#include <libdnf5/comps/environment/query.hpp>
#include <libdnf5/comps/group/query.hpp>

#include <vector>

namespace redpak {

std::vector<libdnf5::comps::Group> sorted_groups(const libdnf5::comps::GroupQuery & query);
std::vector<libdnf5::comps::Environment> sorted_environments(const libdnf5::comps::EnvironmentQuery & query);

}  // namespace redpak

#endif
