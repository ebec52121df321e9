#include "core/bitbucket/content_stamp.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace linkspan
{

std::string hash_of_content(std::string_view content)
{
    // Any fixed namespace serves, as long as it never changes: the stamp is stored.
    static constexpr boost::uuids::uuid space = {
        {0x6c, 0x69, 0x6e, 0x6b, 0x73, 0x70, 0x41, 0x6e, 0x9f, 0x63, 0x6f, 0x6e, 0x74, 0x00, 0x00, 0x01}};
    return to_string(boost::uuids::name_generator_sha1(space)(content.data(), content.size()));
}

std::string stamp_of_content(std::string_view content, reading const& said)
{
    auto out = hash_of_content(content);
    if (said.occurred_at)
        out += ":" + std::to_string(to_milliseconds(*said.occurred_at));
    return out;
}

}  // namespace linkspan
