#include "core/bitbucket/event_keys.hpp"

#include "core/bitbucket/cloud.hpp"
#include "core/bitbucket/data_center.hpp"

namespace linkspan
{

std::span<std::string_view const> event_keys(edition of)
{
    return of == edition::cloud ? cloud::event_keys() : data_center::event_keys();
}

}  // namespace linkspan
