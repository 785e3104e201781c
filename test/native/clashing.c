const char *uv_version_string(void)
{
    return "the library's own";
}
