#include "tests/simulators/bitbucket_cloud_state.hpp"

#include "links/net/sha256.hpp"

namespace linkspan::test::simulated_cloud
{
namespace
{

std::string digest_of(std::string const& seed)
{
    return to_hex(sha256(seed));
}

}  // namespace

repository* state::find_repository(std::string_view slug_or_uuid)
{
    for (auto& [slug, one] : repositories)
        if (slug == slug_or_uuid || one.uuid == slug_or_uuid)
            return &one;
    return nullptr;
}

std::string state::fresh_uuid()
{
    auto text = digest_of("uuid " + std::to_string(++last_thing)).substr(0, 32);
    for (std::size_t const at : {8U, 13U, 18U, 23U})
        text.insert(at, "-");
    return "{" + text + "}";
}

}  // namespace linkspan::test::simulated_cloud
